#include "ops/nearest.h"

#include <limits>

#include "cpu/kernels.h"

namespace tilewright::scalar {
namespace {

std::int32_t squared_distance(const std::uint8_t* a, const std::uint8_t* b, int channels) {
    std::int32_t sum = 0;
    for (int c = 0; c < channels; ++c) {
        const std::int32_t difference = a[c] - b[c];
        sum += difference * difference;
    }
    return sum;
}

}  // namespace

void nearest(const ops::Nearest& op, const Operands& operands) {
    const std::uint8_t* x = operands.inputs[0];
    for (int p = 0; p < op.pixels; ++p, x += op.channels) {
        std::int32_t least = std::numeric_limits<std::int32_t>::max();
        const std::uint8_t* colour = operands.inputs[1];
        for (int k = 0; k < op.colours; ++k, colour += op.channels) {
            const std::int32_t distance = squared_distance(x, colour, op.channels);
            if (distance < least) {
                least = distance;
                operands.output[p] = static_cast<std::uint8_t>(k);
            }
        }
    }
}

}  // namespace tilewright::scalar
