from shop.cart import Cart
from shop.receipt import money, receipt


def test_money():
    assert money(1234) == "12.34"
    assert money(5) == "0.05"


def test_receipt_ends_with_the_total():
    cart = Cart()
    cart.add("tea", 450, 2)
    assert receipt(cart).splitlines()[-1].split() == ["total", "13.90"]
