"""Small right programs with inputs, of which benchmarks/priors.py makes bugs: (name, source, inputs)."""

from __future__ import annotations

PROGRAMS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "median",
        """def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2 == 1:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2
""",
        ("[3, 1, 2]", "[4, 1, 3, 2]", "[5]", "[9, 1]", "[7, 7, 1, 2, 3]", "[-1, 5, -3, 2]"),
    ),
    (
        "runs",
        """def runs(text):
    out = []
    for letter in text:
        if out and out[-1][0] == letter:
            out[-1][1] += 1
        else:
            out.append([letter, 1])
    return out
""",
        ("'aab'", "'abc'", "''", "'xxxx'", "'abba'", "'zzyyx'"),
    ),
    (
        "search",
        """def search(items, wanted):
    low, high = 0, len(items)
    while low < high:
        middle = (low + high) // 2
        if items[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    if low < len(items) and items[low] == wanted:
        return low
    return -1
""",
        ("[1, 3, 5, 7], 5", "[1, 3, 5], 4", "[2], 2", "[], 1", "[1, 2, 3, 4, 5, 6], 1", "[1, 2, 3], 9", "[1, 4, 6], 6"),
    ),
    (
        "divisor",
        """def divisor(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return abs(a)
""",
        ("12, 18", "7, 3", "0, 5", "-8, 12", "100, 75", "9, 0"),
    ),
    (
        "caesar",
        """def caesar(text, shift):
    result = ""
    for letter in text:
        if letter.isalpha() and letter.islower():
            result += chr((ord(letter) - ord("a") + shift) % 26 + ord("a"))
        else:
            result += letter
    return result
""",
        ("'abc', 1", "'xyz', 3", "'a b', 2", "'', 5", "'Hello', 1", "'zebra', -1"),
    ),
    (
        "primes",
        """def primes(limit: int) -> list:
    found = []
    for number in range(2, limit + 1):
        if all(number % other != 0 for other in found):
            found.append(number)
    return found
""",
        ("10", "2", "1", "20", "13", "30"),
    ),
    (
        "counts",
        """def counts(text: str) -> dict:
    found = {}
    for word in text.lower().split():
        word = word.strip(".,!")
        if word:
            found[word] = found.get(word, 0) + 1
    return found
""",
        ("'a b a'", "'One one.'", "''", "'x, y, x!'", "'Go. Go, go!'", "'. a'"),
    ),
    (
        "window",
        """def window(numbers, size):
    best = sum(numbers[:size])
    current = best
    for index in range(size, len(numbers)):
        current += numbers[index] - numbers[index - size]
        if current > best:
            best = current
    return best
""",
        ("[1, 2, 3, 4], 2", "[5, 1, 1], 1", "[4, -1, 2], 2", "[1, 1, 1], 3", "[9, -2, 3, 5, -7], 2", "[-3, -1, -2], 1"),
    ),
    (
        "flatten",
        """def flatten(items):
    flat = []
    for item in items:
        if isinstance(item, list):
            flat.extend(flatten(item))
        else:
            flat.append(item)
    return flat
""",
        ("[1, [2, 3]]", "[[1], [[2]]]", "[]", "[[], [1]]", "[[[4]], 5, [6, [7]]]"),
    ),
    (
        "transpose",
        """def transpose(rows):
    if not rows:
        return []
    return [[row[column] for row in rows] for column in range(len(rows[0]))]
""",
        ("[[1, 2], [3, 4]]", "[[1, 2, 3]]", "[]", "[[1], [2]]", "[[1, 2], [3, 4], [5, 6]]"),
    ),
    (
        "is_palindrome",
        """def is_palindrome(text):
    letters = [letter.lower() for letter in text if letter.isalnum()]
    return letters == letters[::-1]
""",
        ("'abba'", "'Abc'", "'A man, a man'", "''", "'Was it a cat I saw?'", "'ab'", "'aB a'"),
    ),
    (
        "change",
        """def change(amount, coins):
    used = []
    for coin in sorted(coins, reverse=True):
        while amount >= coin:
            amount -= coin
            used.append(coin)
    if amount > 0:
        return None
    return used
""",
        ("6, [1, 5]", "3, [2]", "0, [1]", "11, [5, 1, 2]", "30, [10, 25, 5]", "4, [4]"),
    ),
    (
        "merge",
        """def merge(left, right):
    out = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            out.append(left[i])
            i += 1
        else:
            out.append(right[j])
            j += 1
    return out + left[i:] + right[j:]
""",
        ("[1, 3], [2, 4]", "[], [1]", "[1, 1], [1]", "[5], [1, 2, 3]", "[1, 2], []", "[2, 8, 9], [1, 10]"),
    ),
    (
        "bounds",
        """def bounds(numbers):
    low, high = numbers[0], numbers[0]
    for number in numbers[1:]:
        low = min(low, number)
        high = max(high, number)
    return low, high, round((low + high) / 2, 1)
""",
        ("[1, 2, 3]", "[5]", "[3, -1]", "[2, 9, 4, 7]", "[-4, -9, 0]"),
    ),
    (
        "digits",
        """def digits(number: int) -> int:
    total = 0
    number = abs(number)
    while number > 0:
        total += number % 10
        number //= 10
    return total
""",
        ("123", "-45", "0", "9", "1000", "-999"),
    ),
    (
        "group",
        """def group(words):
    found = {}
    for word in words:
        key = "".join(sorted(word))
        found.setdefault(key, []).append(word)
    return sorted(found.values(), key=len, reverse=True)
""",
        ("['ab', 'ba', 'c']", "[]", "['x']", "['tea', 'eat', 'tan', 'ate', 'nat']", "['a', 'b', 'ab', 'ba']"),
    ),
)
