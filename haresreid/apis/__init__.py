"""A trained model in a few calls: features of images, and a gallery ranked by them."""

from haresreid.lazy import lazy_names

# an exported model runs where neither PyTorch nor MMEngine is installed
__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    dict(
        Backend='backend',
        Features='ranking',  # of haresreid.structures
        OnnxBackend='onnx_backend',
        Ranking='ranking',
        TorchBackend='torch_backend',
        VIReIDInferencer='inferencer',
        extract_feature_set='test_set',
        extract_features='inference',
        get_model='inference',
        init_model='inference',
        list_models='model_names',
        load_trained='test_set',
        rank='inference',
        rank_features='ranking',
    ),
)
