#include "ops/dense.h"

#include "cpu/kernels.h"
#include "cpu/patches.h"
#include "ops/requantize.h"

namespace tilewright::scalar {

void dense(const ops::Dense& op, const Operands& operands) {
    std::int16_t* x = reinterpret_cast<std::int16_t*>(operands.scratch);
    widen(operands.inputs[0], op.inputs, x);
    const std::int8_t* weights = op.weights.data();
    for (int o = 0; o < op.outputs; ++o, weights += op.inputs) {
        std::int32_t sum = op.bias[o];
        for (int i = 0; i < op.inputs; ++i) {
            sum += x[i] * weights[i];
        }
        operands.output[o] = ops::requantize(sum, op.multiplier[o], op.zero_out);
    }
}

}  // namespace tilewright::scalar
