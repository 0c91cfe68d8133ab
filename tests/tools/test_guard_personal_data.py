"""The guard that looks for real people in what is about to be committed."""

import pytest

from tools.guard_personal_data import INVENTED_NUMBERS, is_individual_number, main, suspicions

NUMBER = "".join(("2026", "1130", "0001"))
TELEPHONE = "-".join(("03", "5253", "1111"))
MAIL = "@".join(("someone", "hospital.jp"))


@pytest.mark.parametrize(
    "text, kind",
    [
        (f"number,{NUMBER},1", "an individual number (個人番号)"),
        (f"電話 {TELEPHONE}", "a telephone number"),
        (f"to: {MAIL}", "a mail address"),
    ],
)
def test_what_could_be_a_real_persons_is_named_with_its_line(text, kind):
    assert list(suspicions(f"one\n{text}\n")) == [(2, kind)]


@pytest.mark.parametrize(
    "text",
    [
        *sorted(INVENTED_NUMBERS),
        NUMBER[:-1] + "7",  # the check digit is wrong
        f"{NUMBER}0",
        f"sha256:ab{NUMBER}",
        "03-0000-1234",
        "kenpo@redis.example.jp",
        "someone@example",
    ],
)
def test_what_is_nobodys_passes(text):
    assert list(suspicions(text)) == []


def test_the_check_digit_is_the_laws():
    assert is_individual_number(NUMBER)
    assert not any(is_individual_number(NUMBER[:-1] + digit) for digit in "023456789")


def test_a_file_with_a_real_looking_number_fails_without_showing_it(tmp_path, capsys):
    path = tmp_path / "people.csv"
    path.write_text(f"{NUMBER}\n", encoding="utf-8")
    assert main([str(path)]) == 1
    said = capsys.readouterr().out
    assert f"{path}:1:" in said and NUMBER not in said


def test_nobody_real_is_in_this_repository():
    assert main([]) == 0
