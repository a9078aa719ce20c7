#pragma once

#include <cstdint>
#include <vector>

namespace tilewright::ops {

/// dense: a fully connected layer.
///   y[o] = requantize(bias[o] + sum over i of x[i] * weights[o][i], multiplier[o], zero_out)
/// x: uint8, `inputs` elements of any shape. y: uint8, `outputs` elements of `shape`. weights: int8 (outputs,
/// inputs), row-major. The zero point of x is already folded into bias.
struct Dense {
    static constexpr const char* kName = "dense";
    int inputs;
    int outputs;
    std::vector<std::int64_t> shape;
    std::vector<std::int8_t> weights;
    std::vector<std::int32_t> bias;
    std::vector<float> multiplier;
    std::uint8_t zero_out;
};

}  // namespace tilewright::ops
