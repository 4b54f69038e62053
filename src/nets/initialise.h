// The first weights of a network, the same on every machine. Each depends on the seed and its own name alone, so that
// another layer beside it changes nothing.
#pragma once

#include <saker/result.h>
#include <saker/tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "nets/network.h"

namespace saker::nets {

using WeightMap = std::map<std::string, Tensor, std::less<>>;  // by their names within a module: "weight"

// As torch.nn.Conv2d begins: uniform within 1 / sqrt(inputs of an output), which is Kaiming's with a = sqrt(5).
// `shape` [out, in of a group, height, width]; of the transposed one [in, out of a group, height, width]. `path` is the
// module's.
Result<WeightMap> first_convolution(const Shape& shape, std::int64_t biases, std::uint64_t seed, std::string_view path);
Result<WeightMap> first_batch_norm(std::int64_t channels);

// The weights of all modules below, where the attributes of convolutions and normalizations say their shapes. Those
// that are there already stay, but placeholders without elements.
Status initialise(Module& module, std::uint64_t seed);

// What initialise() will make: parameters without buffers.
std::int64_t count_parameters(const Module& module);

// The convolution that ends a level's branch in a part of the head ("cv3"), or is it; null: no such part or level.
Module* last_of_branch(Module& head, std::string_view part, std::size_t level);

// The last convolutions' biases, so that the first scores are about as rare as objects.
void set_head_biases(Network& network);

Tensor filled_tensor(const Shape& shape, float value);

}  // namespace saker::nets
