"""The cost of a model: parameters, multiply-accumulates, time and memory."""
