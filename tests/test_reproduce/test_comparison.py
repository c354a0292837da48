import csv
import io
import re
from itertools import combinations

import pytest
from torch import nn

from haresreid.reproduce import Recipe, compare
from haresreid.reproduce.paper import rows


def content(fingerprint='f', split=None, **protocols):
    """A result file: by protocol ('sysu_all'), Rank-1 and mAP as fractions."""
    data = dict(fingerprint=fingerprint, **({} if split is None else dict(split=split)))
    return dict(
        data=data,
        config=dict(name='c', hash='h'),
        protocols={
            name.replace('_', '/'): dict(ours=dict(mean=dict(R1=r1, R10=r1, R20=r1, mAP=mean_ap)))
            for name, (r1, mean_ap) in protocols.items()
        },
    )


def table(markdown):
    """Its lines of cells, without the rule below the head."""
    lines = [line[2:-2].split(' | ') for line in markdown.splitlines() if line.startswith('|')]
    return [lines[0], *lines[2:]]


FIGURES = [(0.10, 0.12), (0.20, 0.18), (0.15, 0.25), (0.40, 0.30), (0.35, 0.35), (0.50, 0.41)]  # of Table IV's rows


@pytest.fixture
def fourth():
    """Two models of every row, .02 apart."""
    return {
        row.recipe: [content(sysu_all=(r1 + step, mean_ap + step)) for step in (-0.01, 0.01)]
        for row, (r1, mean_ap) in zip(rows('table4', 'sysu'), FIGURES)
    }


def test_ours_stand_beside_the_paper_s_with_difference_and_spread(fourth):
    head, *body = table(compare('table4', 'sysu', fourth).markdown())
    assert head == [
        'row',
        'sysu/all R1, ours',
        'sysu/all R1, paper',
        'sysu/all R1, difference',
        'sysu/all mAP, ours',
        'sysu/all mAP, paper',
        'sysu/all mAP, difference',
    ]
    assert body[0] == ['1: B', '10.00 ± 1.00', '52.54', '-42.54', '12.00 ± 1.00', '48.34', '-36.34']
    assert len(body) == 6


def test_the_csv_holds_the_figures_in_full(fourth):
    lines = list(csv.DictReader(io.StringIO(compare('table4', 'sysu', fourth).csv())))
    assert len(lines) == 12
    line = lines[-1]
    assert (line['row'], line['column'], line['models'], line['recipe']) == (
        '6',
        'sysu/all/mAP',
        '2',
        'haresformer_sysu',
    )
    ours, std, paper, difference = (float(line[key]) for key in ('ours mean', 'ours std', 'paper', 'difference'))
    assert (ours, std, paper) == (41.0, 1.0, 60.37) and difference == pytest.approx(41 - 60.37, abs=1e-4)


def test_a_row_that_has_not_been_run_shows_a_dash(fourth):
    recipe = rows('table4', 'sysu')[1].recipe
    del fourth[recipe]
    comparison = compare('table4', 'sysu', fourth)
    assert table(comparison.markdown())[2] == ['2: B + CFFM', '–', '60.45', '–', '–', '56.23', '–']
    assert 'over 0 to 2 models per row' in comparison.markdown()
    empty = [line for line in csv.DictReader(io.StringIO(comparison.csv())) if line['recipe'] == recipe.name]
    assert [(line['ours mean'], line['models'], line['difference']) for line in empty] == [('', '0', '')] * 2


def slow_spearman(first, second):
    ranks = [[sorted(values).index(value) for value in values] for values in (first, second)]
    n = len(first)
    return 1 - 6 * sum((a - b) ** 2 for a, b in zip(*ranks)) / (n * (n**2 - 1))


def test_the_trend_is_the_rank_correlation_and_the_pairs(fourth):
    paper, ours = [row.paper['sysu/all/R1'] for row in rows('table4', 'sysu')], [r1 for r1, _ in FIGURES]
    pairs = [(a - b, c - d) for (a, c), (b, d) in combinations(zip(ours, paper), 2)]
    alike = sum(a * b > 0 for a, b in pairs)
    clear = [(a, b) for a, b in pairs if abs(a) > 0.02]
    expected = (
        f'- sysu/all R1: Spearman rank correlation {slow_spearman(ours, paper):+.2f} over 6 rows; {alike} of 15 pairs '
        f'are ordered alike; of the {len(clear)} that differ by more than their two standard deviations together, '
        f'{sum(a * b > 0 for a, b in clear)}.'
    )
    assert expected in compare('table4', 'sysu', fourth).markdown().splitlines()


def test_one_model_per_row_is_no_evidence_of_an_order(fourth):
    single = {recipe: contents[:1] for recipe, contents in fourth.items()}
    text = compare('table4', 'sysu', single).markdown()
    assert 'one model per row' in text and 'nothing tells an order from chance' in text and '±' not in text


def test_equal_rows_have_no_rank_correlation(fourth):
    equal = {recipe: [content(sysu_all=(0.5, 0.5))] * 2 for recipe in fourth}
    assert 'Spearman rank correlation undefined' in compare('table4', 'sysu', equal).markdown()


def branches(cls, patch, trained, held):
    """What ``branches.json`` says of a model; the first stage is always sound."""
    return dict(
        stages=[dict(cls_spread=0.5, patch_spread=0.6), dict(cls_spread=cls, patch_spread=patch)],
        retrieval={'sysu/all': {'as trained': dict(mean_ap=trained), 'both held': dict(mean_ap=held)}},
    )


def test_a_second_table_tells_of_the_branches_that_were_measured(fourth):
    recipe = rows('table4', 'sysu')[5].recipe
    fourth[recipe] = [
        dict(model, branches=branches(*figures))
        for model, figures in zip(fourth[recipe], [(0.004, 0.2, 40, 35), (0.006, 0.4, 42, 33)])
    ]
    text = compare('table4', 'sysu', fourth)
    second = text.markdown().split('Do the transformers carry images?')[1]
    head, *body = table(second)
    assert head == [
        'row',
        'least spread of class tokens',
        'least spread of patch maps',
        'sysu/all mAP, both held',
        'sysu/all mAP lost by it',
    ]
    assert body[5] == [
        '6: B + CFFM + DSA + ADD + HGAE',
        '0.005 ± 0.001',
        '0.300 ± 0.100',
        '34.00 ± 1.00',
        '7.00 ± 2.00',
    ]
    assert body[0] == ['1: B', *['–'] * 4] and len(body) == 6
    lines = [line for line in csv.DictReader(io.StringIO(text.csv())) if line['row'] == '6']
    assert (lines[2]['column'], lines[2]['ours mean'], lines[2]['models'], lines[2]['paper']) == (
        'least spread of class tokens',
        '0.0050',
        '2',
        '',
    )
    del fourth[recipe]
    assert 'carry images' not in compare('table4', 'sysu', fourth).markdown()


def test_nothing_run_is_a_table_of_dashes_without_a_trend():
    text = compare('table4', 'sysu', {}).markdown()
    assert 'Spearman' not in text and table(text)[1][1:4] == ['–', '52.54', '–']


def test_on_synvi_the_caption_warns():
    assert "not comparable with the paper's figures for SYSU-MM01" in compare('table4', 'synth', {}).markdown()
    assert "not comparable with the paper's figures for RegDB" in compare('table4', 'synth_regdb', {}).markdown()
    assert 'not comparable' not in compare('table4', 'sysu', {}).markdown()


def test_each_method_has_the_paper_s_figures_ours_and_their_difference():
    results = {
        Recipe(config): [content(sysu_all=(0.5 + step, 0.25)) for step in (-0.01, 0.01)]
        for config in ('configs/haresformer_sysu.py', 'configs/baselines/ddag_sysu_paper.py')
    }
    text = compare('table6', 'sysu', results).markdown()
    head, *body = table(text)
    assert head == ['method', 'sysu/all R1', 'sysu/all R10', 'sysu/all R20', 'sysu/all mAP']
    assert [line[0] for line in body if '(paper)' in line[0]] == [
        f'{row.label} (paper)' for row in rows('table6', 'sysu')
    ]
    ddag = body.index(['DDAG (paper)', '54.75', '90.39', '95.81', '53.02'])
    assert body[ddag + 1 : ddag + 3] == [
        ['DDAG (ours)', *['50.00 ± 1.00'] * 3, '25.00 ± 0.00'],
        ['ours minus paper', '-4.75', '-40.39', '-45.81', '-28.02'],
    ]
    assert body[-2:] == [
        ['HAResformer (ours, as described)', *['50.00 ± 1.00'] * 3, '25.00 ± 0.00'],
        ['ours minus paper', '-15.92', '-42.51', '-47.27', '-35.37'],
    ]
    assert 'Left out, for these configs do not evaluate it: sysu/indoor.' in text
    assert 'Other methods have recipes of their own' in text and 'SynVI' not in text


def test_a_method_that_does_not_run_says_why_and_shows_the_paper_s_figures_alone():
    comparison = compare('table6', 'sysu', {})
    body = table(comparison.markdown())[1:]
    place = body.index(['FAM (ours, no code exists)', *['–'] * 8])
    assert body[place - 1][:2] == ['FAM (paper)', '55.75'] and body[place + 1][0] == 'DFLN-ViT (paper)'
    assert '\n- FAM, no code exists: none was found, nor an abstract.' in comparison.markdown()
    assert ['JSIA-ReID (ours)', *['–'] * 8] in body
    lines = list(csv.DictReader(io.StringIO(comparison.csv())))
    assert {line['label']: (line['recipe'], line['remark']) for line in lines if line['row'] in ('6', '7', '8')} == {
        'AGW': ('agw_sysu_paper', ''),
        'NFS': ('nfs_sysu_paper', 'as described'),
        'DTRM': ('dtrm_sysu_paper', 'as described'),
    }


def test_on_synvi_each_figure_names_its_data_set_and_nothing_is_subtracted():
    recipe = Recipe('configs/baselines/agw_synth.py')
    comparison = compare('table6', 'synth', {recipe: [content(sysu_all=(0.5, 0.25))]})
    text = comparison.markdown()
    body = table(text)[1:]
    place = body.index(['AGW (paper, SYSU-MM01)', '47.50', '84.39', '92.14', '47.65'])
    assert body[place + 1] == ['AGW (ours, SynVI)', '50.00', '50.00', '50.00', '25.00']
    assert body[place + 2][0] == 'NFS (paper, SYSU-MM01)' and 'minus' not in text
    assert 'from the same start weights and on the same number of images' in text
    lines = [line for line in csv.DictReader(io.StringIO(comparison.csv())) if line['label'] == 'AGW']
    assert [lines[0][key] for key in ('ours mean', 'paper', 'difference')] == ['50.0000', '47.5', '']


def test_figures_of_another_layout_have_columns_of_their_own():
    """The narrow configs are of the layout of SYSU-MM01; Table VII is about RegDB."""
    recipe = Recipe('configs/baselines/agw_synth.py')
    head, *body = table(compare('table7', 'synth', {recipe: [content(sysu_all=(0.5, 0.25))]}).markdown())
    metrics = ('R1', 'R10', 'R20', 'mAP')
    assert head[1:] == [f'{name} {key}' for name in ('regdb/v2i', 'regdb/i2v', 'sysu/all') for key in metrics]
    by_method = {line[0]: line[1:] for line in body}
    assert by_method['AGW (ours, SynVI)'] == [*['–'] * 8, '50.00', '50.00', '50.00', '25.00']
    assert by_method['AGW (paper, RegDB)'][:4] == ['70.05', '86.21', '91.55', '66.37']
    assert by_method['AGW (paper, RegDB)'][8:] == ['–'] * 4


def test_the_methods_that_the_paper_leaves_out_have_ours_alone():
    names = [line[0] for line in table(compare('table8', 'llcm', {}, all_methods=True).markdown())[1:]]
    place = names.index('HAResformer (ours, as described)')
    assert 'CAJ (ours)' in names[place:] and 'HAT (ours, as described)' in names[place:]
    assert not any('CAJ (paper' in name for name in names) and names.count('DDAG (ours)') == 1


def test_the_order_of_the_methods_is_compared_with_the_paper_s():
    first, second, third = (Recipe(f'configs/baselines/{name}_synth.py') for name in ('agw', 'ddag', 'hc_tri'))
    results = {recipe: [content(sysu_all=(r1, 0.1))] for recipe, r1 in ((first, 0.1), (second, 0.2), (third, 0.3))}
    text = compare('table6', 'synth', results).markdown()
    assert '- sysu/all R1: Spearman rank correlation +1.00 over 3 rows; 3 of 3 pairs are ordered alike' in text


def test_llcm_figures_that_look_like_the_swapped_rule_s_bring_a_warning():
    """The paper's own Table VIII has the right ones."""
    assert 'Warning' not in compare('table8', 'llcm', {}).markdown()
    ours = {Recipe('configs/haresformer_llcm.py'): [content(llcm_v2i=(0.6372, 0.4721))]}
    assert re.search(
        r'Warning: llcm/v2i: .*: HAResformer \(ours\) \(Rank-1 63\.72, mAP 47\.21\)',
        compare('table8', 'llcm', ours).markdown(),
    )


def test_models_tested_on_different_images_are_refused():
    recipe = Recipe('configs/haresformer_synth_regdb.py')
    splits = [
        content(fingerprint, split, regdb_v2i=(0.5, 0.5)) for fingerprint, split in (('a', 1), ('b', 2), ('a', 1))
    ]
    assert len(compare('table7', 'synth_regdb', {recipe: splits}).ours[-1]['regdb/v2i/R1']) == 3
    with pytest.raises(ValueError, match='tested on different images .*b'):
        compare('table7', 'synth_regdb', {recipe: [*splits, content('b', 1, regdb_v2i=(0.5, 0.5))]})


def test_costs_of_the_full_size_stand_beside_the_narrow_rows(monkeypatch):
    for name in ('trunc_normal_', 'kaiming_uniform_', 'kaiming_normal_'):  # only shapes matter, and these are slow
        monkeypatch.setattr(nn.init, name, lambda tensor, *_, **__: tensor)
    comparison = compare('table5', 'synth', {})
    for ours, row in zip(comparison.ours, rows('table5', 'synth'), strict=True):
        assert set(ours) == {key for key in row.paper if key.startswith('cost/')}
        assert all(abs(value.item() - row.paper[key]) <= 0.01 for key, value in ours.items())
    assert table(comparison.markdown())[2] == [
        '2: H = 1, L = 2',
        '–',
        '64.05',
        '–',
        '–',
        '59.60',
        '–',
        '39.35',
        '39.34',
        '+0.01',
        '180.64',
        '180.64',
        '+0.00',
    ]
