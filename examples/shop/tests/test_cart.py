from shop.cart import SHIPPING, Cart


def cart_of(*prices):
    cart = Cart()
    for number, price in enumerate(prices):
        cart.add(f"article {number}", price)
    return cart


def test_empty_cart_costs_nothing():
    assert Cart().total() == 0


def test_small_cart_pays_shipping():
    assert cart_of(1000, 250).total() == 1250 + SHIPPING


def test_large_cart_ships_free():
    assert cart_of(4000, 2000).total() == 6000


def test_shipping_is_free_from_fifty_on():
    assert cart_of(5000).shipping() == 0
