#include "ops/conv2d.h"

#include "cpu/convolution.h"
#include "cpu/kernels.h"
#include "ops/requantize.h"

namespace tilewright::scalar {

void conv2d(const ops::Conv2d& op, const Operands& operands) {
    std::uint8_t* y = operands.output;
    convolve(op.convolution, operands, [&](int element, int channel, std::int32_t sum) {
        y[element] = ops::requantize(sum, op.multiplier[channel], op.zero_out);
    });
}

}  // namespace tilewright::scalar
