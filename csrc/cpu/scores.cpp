#include "ops/scores.h"

#include "cpu/convolution.h"
#include "cpu/kernels.h"

namespace tilewright::scalar {

void scores(const ops::Scores& op, const Operands& operands) {
    std::int32_t* y = reinterpret_cast<std::int32_t*>(operands.output);
    convolve(op.convolution, operands, [&](int element, int, std::int32_t sum) { y[element] = sum; });
}

}  // namespace tilewright::scalar
