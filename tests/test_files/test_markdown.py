from haresreid.files.markdown import markdown_table


def test_text_stands_left_and_numbers_right():
    assert markdown_table([['a', 'b'], ['1', 2]], labels=1) == '| a | b |\n| :-- | --: |\n| 1 | 2 |'
    assert markdown_table([['a', 'b'], ['1', '2']]).splitlines()[1] == '| :-- | :-- |'


def test_a_bar_in_a_cell_ends_no_cell():
    assert markdown_table([['a|b']]) == '| a\\|b |\n| :-- |'
