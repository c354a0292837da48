import pytest
import torch
from mmengine.dataset import pseudo_collate

from haresreid.config.config import load_config
from haresreid.datasets import stack_images
from haresreid.models import ReIDDataPreprocessor


def samples(*shapes):
    return [dict(inputs=torch.rand(shape), data_samples=index) for index, shape in enumerate(shapes)]


@pytest.mark.parametrize(
    'shapes',
    [[(3, 8, 4)] * 3, [(2, 3, 8, 4)] * 3, [(2, 3, 8, 4), (3, 8, 4), (2, 3, 8, 4)]],
    ids=['images', 'views', 'views of some'],
)
def test_the_model_gets_what_it_gets_from_a_list(shapes):
    drawn = samples(*shapes)
    stacked, listed = (ReIDDataPreprocessor()(collate(drawn)) for collate in (stack_images, pseudo_collate))
    assert stacked['data_samples'] == listed['data_samples'] == [0, 1, 2]
    torch.testing.assert_close(stacked['inputs'], listed['inputs'], rtol=0, atol=0)
    torch.testing.assert_close(stacked['items'], listed['items'], rtol=0, atol=0)


def test_images_of_one_shape_are_one_tensor_and_others_stay_a_list():
    assert stack_images(samples((3, 8, 4), (3, 8, 4)))['inputs'].shape == (2, 3, 8, 4)
    assert isinstance(stack_images(samples((3, 8, 4), (3, 8, 5)))['inputs'], list)  # the preprocessor names the sizes


@pytest.mark.parametrize('name', ['haresformer_synth', 'haresformer_sysu'])
def test_the_configs_use_it_in_every_loader(name):
    cfg = load_config(f'configs/{name}.py')
    for subset in ('train', 'val', 'test'):
        assert cfg[f'{subset}_dataloader'].collate_fn.type is stack_images
