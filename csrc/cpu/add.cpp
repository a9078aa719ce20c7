#include "ops/add.h"

#include "cpu/kernels.h"
#include "ops/requantize.h"

namespace tilewright::scalar {

void add(const ops::Add& op, const Operands& operands) {
    const std::uint8_t* a = operands.inputs[0];
    const std::uint8_t* b = operands.inputs[1];
    for (std::size_t i = 0; i < op.size; ++i) {
        const float from_a = static_cast<float>(a[i] - op.zero_a) * op.scale_a;
        const float from_b = static_cast<float>(b[i] - op.zero_b) * op.scale_b;
        operands.output[i] = ops::to_byte(from_a + from_b, op.zero_out);
    }
}

}  // namespace tilewright::scalar
