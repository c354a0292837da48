import os
import pickle
import zipfile
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from haresreid.files.checkpoint_file import latest_checkpoint, read_checkpoint, state_dict_of, unwrapped, weights_in

WHOLE = {'state_dict': {'weight': torch.arange(2000.0)}, 'meta': {'seed': 3}, 'optimizer': {}}


class Executes:
    """A pickle that leaves a file behind when it is loaded."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (str(self.marker),)


@pytest.fixture
def whole(tmp_path) -> bytes:
    torch.save(WHOLE, tmp_path / 'whole.pth')
    return (tmp_path / 'whole.pth').read_bytes()


@pytest.mark.parametrize(
    'save',
    [
        lambda content, path: torch.save(content, path),
        lambda content, path: torch.save(content, path, _use_new_zipfile_serialization=False),
        lambda content, path: path.write_bytes(pickle.dumps(content)),
    ],
    ids=['zip', 'before 1.6', 'bare pickle'],
)
def test_code_is_refused_and_not_executed(save, tmp_path):
    save({**WHOLE, 'extra': Executes(tmp_path / 'executed')}, tmp_path / 'bad.pth')
    with pytest.raises(ValueError, match=r'bad\.pth holds Python objects .* executes no code from a checkpoint'):
        read_checkpoint(tmp_path / 'bad.pth')
    assert not (tmp_path / 'executed').exists()


def test_neither_is_the_text_that_mmengine_would_run_on_resume(tmp_path):
    text = f'a = __import__("os").mkdir({str(tmp_path / "executed")!r})'
    torch.save({**WHOLE, 'meta': dict(seed=3, config=text)}, tmp_path / 'bad.pth')
    assert read_checkpoint(tmp_path / 'bad.pth')['meta'] == dict(seed=3)
    Config.fromstring(text, '.py')  # what Runner.resume does with meta['config']
    assert (tmp_path / 'executed').exists()


@pytest.mark.parametrize(
    'content, sentence',
    [
        (b'', 'cannot be read as a checkpoint .0 bytes'),
        (b'hello, I am a text\n', "is no checkpoint, since it begins with b'hello"),
        (b'<!DOCTYPE html><html>', "is no checkpoint, since it begins with b'<!DOCTYPE"),
        (bytes(range(200, 256)), 'is no checkpoint'),
        (b'\x80\x02}q', 'cannot be read as a checkpoint'),
    ],
)
def test_what_is_no_checkpoint_is_named(content, sentence, tmp_path):
    (tmp_path / 'bad.pth').write_bytes(content)
    with pytest.raises(ValueError, match=f'bad.pth {sentence}'):
        read_checkpoint(tmp_path / 'bad.pth')


def test_a_list_of_numbers_and_another_archive_are_named(tmp_path):
    torch.save([1, 2], tmp_path / 'list.pth')
    with pytest.raises(ValueError, match='list.pth is no checkpoint, since it holds a list'):
        read_checkpoint(tmp_path / 'list.pth')
    with zipfile.ZipFile(tmp_path / 'other.pth', 'w') as archive:
        archive.writestr('a.txt', 'b')
    with pytest.raises(ValueError, match='other.pth cannot be read as a checkpoint'):
        read_checkpoint(tmp_path / 'other.pth')


@pytest.mark.filterwarnings('ignore:.*torch.jit')
def test_a_program_is_named_and_not_run(tmp_path):
    torch.jit.save(torch.jit.trace(torch.nn.Linear(2, 2), torch.ones(1, 2)), tmp_path / 'program.pt')
    with pytest.raises(ValueError, match='program.pt is a TorchScript program, and programs are not run'):
        read_checkpoint(tmp_path / 'program.pt')


@pytest.mark.parametrize('meta', ['text', None, [1]])
def test_a_meta_that_is_no_dict_is_named(meta, tmp_path):
    torch.save(dict(state_dict={}, meta=meta), tmp_path / 'odd.pth')
    with pytest.raises(ValueError, match=f'odd.pth is no checkpoint, since its meta is a {type(meta).__name__}'):
        read_checkpoint(tmp_path / 'odd.pth')


@pytest.mark.parametrize(
    'dataset_meta, found',
    [
        ('split', 'its dataset_meta is a str, no dict'),
        ([1], 'its dataset_meta is a list, no dict'),
        (dict(split='../1', dataset='RegDB'), 'a split of type str and a dataset of type str, no number and no name'),
        (dict(split=1), 'a split of type int and a dataset of type NoneType'),
        (dict(split=torch.ones(2), dataset='RegDB'), 'a split of type Tensor'),
    ],
)
def test_a_dataset_meta_that_says_no_split_is_named(dataset_meta, found, tmp_path):
    torch.save(dict(state_dict={}, meta=dict(dataset_meta=dataset_meta)), tmp_path / 'odd.pth')
    with pytest.raises(ValueError, match=f'odd.pth is no checkpoint.*{found}'):
        read_checkpoint(tmp_path / 'odd.pth')


@pytest.mark.parametrize('dataset_meta', [None, {}, dict(classes=['a']), dict(split=10, dataset='RegDB')])
def test_a_dataset_meta_may_say_more_or_nothing(dataset_meta, tmp_path):
    torch.save(dict(state_dict={}, meta=dict(dataset_meta=dataset_meta)), tmp_path / 'fine.pth')
    assert read_checkpoint(tmp_path / 'fine.pth')['meta'] == dict(dataset_meta=dataset_meta)


@pytest.mark.parametrize('wrapped', [False, True])
def test_what_is_no_weight_is_left_out(wrapped, tmp_path):
    content = {'a': torch.ones(1), 1: torch.ones(1), 'b': 'text'}
    torch.save(dict(state_dict=content) if wrapped else content, tmp_path / 'some.pth')
    assert state_dict_of(tmp_path / 'some.pth') == {'a': torch.ones(1)}


@pytest.mark.parametrize('content', [{}, dict(state_dict=[1, 2]), {1: torch.ones(1)}])
def test_a_file_without_weights_is_named(content, tmp_path):
    torch.save(content, tmp_path / 'none.pth')
    with pytest.raises(ValueError, match='none.pth holds no weights'):
        state_dict_of(tmp_path / 'none.pth')


def test_one_flipped_bit_is_noticed_wherever_it_matters(whole, tmp_path):
    """torch.load itself reads on in silence."""
    noticed = 0
    for place in range(0, len(whole), 97):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        (tmp_path / 'flipped.pth').write_bytes(damaged)
        try:
            found = read_checkpoint(tmp_path / 'flipped.pth')
        except ValueError:
            noticed += 1
        else:  # padding, or a field that nothing reads
            assert torch.equal(found['state_dict']['weight'], WHOLE['state_dict']['weight'])
            assert found['meta']['seed'] == 3
    assert noticed > 0.8 * len(whole) / 97


def test_a_cut_off_file_is_named(whole, tmp_path):
    for length in (1, 500, len(whole) - 1):
        (tmp_path / 'half.pth').write_bytes(whole[:length])
        with pytest.raises(ValueError, match='half.pth cannot be read|half.pth is no checkpoint'):
            read_checkpoint(tmp_path / 'half.pth')


def test_safetensors_bring_their_metadata(tmp_path):
    safetensors = pytest.importorskip('safetensors.torch')
    safetensors.save_file(WHOLE['state_dict'], tmp_path / 'a.safetensors', {'haresreid': '{"seed": 3}'})
    found = read_checkpoint(tmp_path / 'a.safetensors')
    assert found['meta'] == {'seed': 3}
    assert torch.equal(found['state_dict']['weight'], WHOLE['state_dict']['weight'])
    content = (tmp_path / 'a.safetensors').read_bytes()
    (tmp_path / 'a.safetensors').write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match='a.safetensors cannot be read as a checkpoint'):
        read_checkpoint(tmp_path / 'a.safetensors')


class TestLatest:
    def test_the_newest_by_number_is_taken(self, whole, tmp_path):
        for name in ('epoch_9.pth', 'epoch_10.pth', 'best_mAP_epoch_11.pth', '.77.epoch_12.pth'):
            (tmp_path / name).write_bytes(whole)
        (tmp_path / 'last_checkpoint').write_text('epoch_9.pth')  # the run was killed before it noted the other
        assert latest_checkpoint(tmp_path) == (tmp_path / 'epoch_10.pth', {'seed': 3})

    @pytest.mark.parametrize(
        'damage',
        [
            lambda content: b'',
            lambda content: content[:-400],
            lambda content: content[:3000] + bytes([content[3000] ^ 16]) + content[3001:],
        ],
    )
    def test_a_damaged_one_is_passed_over_and_both_are_named(self, whole, damage, tmp_path, monkeypatch):
        said = []
        monkeypatch.setattr('haresreid.files.checkpoint_file.print_log', lambda message, logger: said.append(message))
        (tmp_path / 'epoch_4.pth').write_bytes(whole)
        (tmp_path / 'epoch_5.pth').write_bytes(damage(whole))
        assert latest_checkpoint(tmp_path)[0] == tmp_path / 'epoch_4.pth'
        (line,) = said
        assert 'epoch_5.pth cannot be read' in line
        assert line.endswith(f'The run goes on from {tmp_path / "epoch_4.pth"}')

    def test_nothing_is_no_error_and_nothing_good_is_one(self, tmp_path):
        assert latest_checkpoint(tmp_path) is None
        (tmp_path / 'epoch_1.pth').touch()
        torch.save({'state_dict': {}}, tmp_path / 'epoch_2.pth')
        with pytest.raises(ValueError, match='epoch_2.pth holds only weights.*epoch_1.pth cannot be read.*start from'):
            latest_checkpoint(tmp_path)


@pytest.mark.parametrize(
    'wrapped',
    [
        'module.{}',
        '_orig_mod.{}',
        'module._orig_mod.{}',
        '_orig_mod.module.{}',
        'module.module.{}',
        'backbone._orig_mod.{}',
    ],
)
@pytest.mark.parametrize('inside', ['state_dict', 'alone'])
def test_names_of_wrapped_models_are_taken_off(wrapped, inside, tmp_path):
    names = ['conv1.weight', 'visible_module.conv1.weight']
    plain = [wrapped.format(name).replace('_orig_mod.', '') if 'backbone' in wrapped else name for name in names]
    weights = {wrapped.format(name): torch.ones(3) for name in names}
    torch.save(dict(state_dict=weights, meta={}) if inside == 'state_dict' else weights, tmp_path / 'a.pth')
    found = read_checkpoint(tmp_path / 'a.pth')
    assert list(found['state_dict'] if inside == 'state_dict' else found) == plain


def test_a_part_called_module_keeps_its_name():
    weights = {'module.weight': torch.ones(1), 'head.weight': torch.ones(1)}
    assert unwrapped(weights) is weights


def test_names_that_become_one_are_refused():
    with pytest.raises(ValueError, match='with and without _orig_mod'):
        unwrapped({'_orig_mod.weight': torch.ones(1), 'weight': torch.ones(1)})


@pytest.mark.parametrize(
    'content, what',
    [({'state_dict': None}, 'its state_dict is a NoneType'), ({'state_dict': {'a': 'b'}}, 'a is a str, no tensor')],
)
def test_weights_that_are_none_are_named(content, what):
    with pytest.raises(ValueError, match=rf'^run\.pth is damaged.*{what}'):
        weights_in('run.pth', content)
