import numpy as np

from scanner.registration.identity import Distinctness, measure_distinctness
from scanner.registration.patch_alignment import choose_patches, find_patches, prepare_copy
from scanner.types import Image
from tests.registration.printed_page import printed_page


def squared_page(step: int) -> Image:
    """Squared paper: any of its crossings looks like all others."""
    page = np.zeros((560, 420), np.uint8)
    page[::step] = page[:, ::step] = 255
    return page


def test_a_patch_is_found_again_if_it_looks_more_like_its_place_than_any_other() -> None:
    distinctness = Distinctness(np.array([0.3, 0.3, 0.75, 0.75, 0.95]))
    assert distinctness.is_distinctive.tolist() == [True, True, True, True, False]
    # Like enough; too little; like another place as well; more than that; not distinctive.
    found = distinctness.found_again(np.array([0.7, 0.5, 0.8, 0.9, 1.0]))
    assert found.tolist() == [True, False, False, True, False]


def test_words_are_distinctive_and_squares_are_not() -> None:
    words, squares = (prepare_copy(page) for page in (printed_page(1), squared_page(20)))
    patches = [choose_patches(page, side=30, step=40, reach=5) for page in (words, squares)]
    of_words, of_squares = (
        measure_distinctness(page, each) for page, each in zip((words, squares), patches, strict=True)
    )
    # Half of the patches of the form are words, the others rules.
    assert of_words.is_distinctive.mean() > 0.4
    # But for those at the edge, where squares are missing.
    assert of_squares.is_distinctive.mean() < 0.1


def test_on_the_page_itself_all_that_is_distinctive_is_found_and_on_another_hardly_any() -> None:
    page, other = (prepare_copy(printed_page(form)) for form in (1, 2))
    patches = choose_patches(page, side=30, step=40, reach=5)
    distinctness = measure_distinctness(page, patches)
    found = distinctness.found_again(find_patches(page, patches).likeness)
    assert (found == distinctness.is_distinctive).all()
    elsewhere = distinctness.found_again(find_patches(other, patches).likeness)
    assert elsewhere.sum() < 0.2 * distinctness.is_distinctive.sum()


def test_what_is_no_print_of_the_form_proves_nothing() -> None:
    page = prepare_copy(printed_page(1))
    patches = choose_patches(page, side=30, step=40, reach=5)
    upper_half = page.copy()
    upper_half[280:] = 0
    before = measure_distinctness(page, patches).is_distinctive
    after = measure_distinctness(page, patches, upper_half).is_distinctive
    is_above, is_below = patches.points[:, 1] < 250, patches.points[:, 1] >= 280
    assert before[is_below].any()
    assert not after[is_below].any()
    np.testing.assert_array_equal(after[is_above], before[is_above])


def test_a_reference_is_described_in_the_same_way_each_time() -> None:
    page = prepare_copy(printed_page(3))
    patches = choose_patches(page, side=30, step=40, reach=5)
    first, second = (measure_distinctness(page, patches).decoy_likeness for _ in range(2))
    assert (first == second).all()


def test_a_page_without_patches_has_none_that_are_distinctive() -> None:
    page = np.zeros((560, 420), np.uint8)
    patches = choose_patches(page, side=30, step=40, reach=5)
    assert measure_distinctness(page, patches).is_distinctive.shape == (0,)


def test_the_only_patch_of_a_page_is_compared_with_itself_and_so_proves_nothing() -> None:
    page = np.zeros((80, 80), np.uint8)
    page[30:45, 30:45] = 255
    copy = prepare_copy(page)
    patches = choose_patches(copy, side=30, step=40, reach=5)
    assert len(patches.points) == 1
    assert not measure_distinctness(copy, patches).is_distinctive.any()
