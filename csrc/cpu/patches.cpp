#include "cpu/patches.h"

#include <algorithm>

namespace tilewright::scalar {
namespace {

int wrapped(int position, int length) {
    const int remainder = position % length;
    return remainder < 0 ? remainder + length : remainder;
}

std::int32_t dot_product(const std::int16_t* patch, int length, const std::int16_t* weights) {
    std::int32_t sum = 0;
    for (int i = 0; i < length; ++i) {
        sum += patch[i] * weights[i];
    }
    return sum;
}

}  // namespace

std::int16_t* PaddedMap::append_cell(int y, int x, std::int16_t* patch) const {
    if (padding == ops::Padding::kWrap) {
        y = wrapped(y, height);
        x = wrapped(x, width);
    } else if (y < 0 || y >= height || x < 0 || x >= width) {
        return std::fill_n(patch, channels, zero);
    }
    return widen(cells + (y * width + x) * channels, channels, patch);
}

void dot_products(const std::int16_t* patches, int count, int length, const std::int16_t* weights,
                  std::int32_t* sums) {
    int p = 0;
    // Four patches at a time: each load of the weights serves four sums.
    for (; p + 4 <= count; p += 4) {
        const std::int16_t* patch0 = patches + static_cast<std::ptrdiff_t>(p) * length;
        const std::int16_t* patch1 = patch0 + length;
        const std::int16_t* patch2 = patch1 + length;
        const std::int16_t* patch3 = patch2 + length;
        std::int32_t sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
        for (int i = 0; i < length; ++i) {
            sum0 += patch0[i] * weights[i];
            sum1 += patch1[i] * weights[i];
            sum2 += patch2[i] * weights[i];
            sum3 += patch3[i] * weights[i];
        }
        sums[p] = sum0;
        sums[p + 1] = sum1;
        sums[p + 2] = sum2;
        sums[p + 3] = sum3;
    }
    for (; p < count; ++p) {
        sums[p] = dot_product(patches + static_cast<std::ptrdiff_t>(p) * length, length, weights);
    }
}

}  // namespace tilewright::scalar
