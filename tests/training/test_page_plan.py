from scanner.training.page_plan import PageNetworkPlan


def test_all_pages_are_trained_on_from_half_of_the_steps() -> None:
    plan = PageNetworkPlan(synthetic_pages=1000, first_share=0.2, epochs=10, steps_per_epoch=10)
    counts = [plan.pages_at(step) for step in range(plan.steps)]
    assert counts[0] == 200
    assert counts[25] == 600
    assert counts == sorted(counts)
    assert set(counts[50:]) == {1000}


def test_training_begins_with_a_page_at_least() -> None:
    assert PageNetworkPlan(synthetic_pages=2).pages_at(0) == 1
