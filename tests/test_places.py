from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from scanner.components import connected_components
from scanner.decode import Piece
from scanner.join import Group
from scanner.places import Found, looked_for_strikes
from scanner.runs import Run
from scanner.strike import NONE, is_crossed_out
from scanner.types import Box

BOX = Box(40, 40, 30, 60)


def found() -> Found:
    return Found(Group((Piece(0, 0.9, small=False, box=BOX),)), Run((0,), BOX, 60.0), (0, 200))


def test_strikes_are_looked_for_in_what_may_be_handwritten() -> None:
    page = np.zeros((140, 200), np.uint8)
    cv2.ellipse(page, (55, 70), (15, 30), 0, 0, 360, 255, 4)
    clean = connected_components(page)
    cv2.line(page, (15, 72), (95, 68), 255, 4)
    struck = connected_components(page)
    numbers = (found(), replace(found(), kind="handwritten"), replace(found(), kind="printed"))
    in_comb = replace(found(), cells=(1,))
    evidence = [one.struck for one in looked_for_strikes((*numbers, in_comb), (), struck, 4.0)]
    assert [is_crossed_out(one, 1.0) for one in evidence] == [True, True, False, False]
    assert evidence[2:] == [NONE, NONE]
    assert not is_crossed_out(looked_for_strikes(numbers, (), clean, 4.0)[0].struck, 0.0)
