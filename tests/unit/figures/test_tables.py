"""The page of a study's tables: every cell as text, numbers short, two heads as one."""

import json
import re

from lrstudy.figures.page import tables

HOSTILE = "</td><script>alert(1)</script>"


def test_every_text_is_escaped():
    shown = tables.page(
        HOSTILE, {"summary": f'"{HOSTILE}",b\n"{HOSTILE}",1\n', "overview": json.dumps({HOSTILE: HOSTILE})}
    )
    assert "<script" not in shown
    assert shown.count("&lt;/td&gt;&lt;script&gt;") == 6


def test_numbers_are_short_and_the_sentence_comes_first():
    found = {"recommended": 0.123456789, "by": {"a": {}}, "sentence": "Use 0.1."}
    shown = tables.page("A study", {"recommendation": json.dumps(found), "budget": "epoch,best\n1,0.123456789\n"})
    cells = re.findall(r"<td>(.*?)</td>", shown)
    assert cells[:4:3] == ["sentence", "recommended"]
    assert cells[1] == "Use 0.1."
    assert cells[4] == "0.1235"
    assert cells[-2:] == ["1", "0.1235"]


def test_the_lectures_table_has_one_head():
    text = "learning_rate,0.1,0.1\nmetric,loss,accuracy\nepoch,,\n0,0.5,0.75\n"
    shown = tables.page("A study", {"history": text})
    assert re.findall(r"<th [^>]*>(.*?)</th>", shown) == ["epoch", "0.1 loss", "0.1 accuracy"]
    assert re.findall(r"<td>(.*?)</td>", shown) == ["0", "0.5", "0.75"]


def test_a_long_table_is_cut_and_says_so():
    rows = "".join(f"{place},x\n" for place in range(tables.MOST_ROWS + 1))
    shown = tables.page("A study", {"finder": f"seed,rule\n{rows}"})
    assert "The first 600 of 601 rows; finder.csv has them all." in shown
    assert shown.count("<tr>") == tables.MOST_ROWS + 1
