"""The language of a log."""

from __future__ import annotations

import pytest

from ocode_tools.drafts.language import language

LOGS = {
    "German": [
        "Behebe den Fehler bei der Anmeldung",
        "Füge eine Prüfung für leere Namen hinzu",
        "Mache das Menü breiter",
    ],
    "French": ["Corrige le calcul des dates", "Ajoute une option pour les fichiers", "Met à jour la page du site"],
    "Russian": ["Исправить ошибку", "Добавить проверку", "Удалить файл"],
    "Japanese": ["バグを修正", "テストを追加する", "設定の変更"],
    "Chinese": ["修复错误", "添加测试", "更新文档"],
    "": ["Fix the parser for empty names", "Add an option to the tool", "Remove it from the menu"],
}


@pytest.mark.parametrize("name", LOGS)
def test_languages(name: str) -> None:
    assert language(LOGS[name] * 5) == name


def test_few_or_silent_lines_tell_nothing() -> None:
    assert language(["Behebe den Fehler bei der Anmeldung"] * 9) == ""
    assert language(["fix: parser", "v1.2.3", "wip"] * 9) == ""
    assert language(["Add an option to the tool"] * 9 + ["Behebe den Fehler bei der Anmeldung"] * 6) == ""
