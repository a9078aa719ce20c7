#include "sampler/cell_order.h"

#include <algorithm>

#include "core/seeds.h"

namespace tilewright {
namespace {

/// Returns the digits of `number` in reverse; `count` digits of `base`.
std::int64_t reversed(std::int64_t number, int base, int count) {
    std::int64_t result = 0;
    for (int digit = 0; digit < count; ++digit, number /= base) {
        result = result * base + number % base;
    }
    return result;
}

/// The least power of a base that is not less than an edge.
struct Power {
    Power(int base, int edge) {
        for (; value < edge; value *= base) {
            ++digits;
        }
    }

    std::int64_t value = 1;
    int digits = 0;
};

}  // namespace

std::vector<std::int32_t> halton_ranks(int height, int width) {
    const Power rows(2, height);
    const Power columns(3, width);
    std::vector<std::int32_t> ranks(static_cast<std::size_t>(height) * static_cast<std::size_t>(width), -1);
    std::int32_t rank = 0;
    // The two periods have no common divisor, so the points meet every cell.
    for (std::int64_t i = 0; i < rows.value * columns.value; ++i) {
        const std::int64_t y = reversed(i % rows.value, 2, rows.digits) * height / rows.value;
        const std::int64_t x = reversed(i % columns.value, 3, columns.digits) * width / columns.value;
        std::int32_t& own = ranks[static_cast<std::size_t>(y * width + x)];
        if (own < 0) {
            own = rank++;
        }
    }
    return ranks;
}

std::size_t refined_cells(std::size_t total, std::int32_t round, std::int32_t rounds) {
    const std::size_t share =
        rounds > 1 ? 400 - 350 * static_cast<std::size_t>(round - 1) / static_cast<std::size_t>(rounds - 1)
                   : 400;  // in thousandths
    return std::max(total * share / 1000, std::min<std::size_t>(total, 1));
}

CellOrder::CellOrder(int height, int width)
    : height_(height), width_(width), halton_(halton_ranks(height, width)) {}

void CellOrder::sort(SamplingOptions::Order order, std::uint64_t seed, std::uint64_t number,
                     std::int32_t round, std::size_t count, std::uint64_t* keys, std::int32_t* cells) const {
    if (order == SamplingOptions::Order::kRaster && round == 0) {
        std::sort(cells, cells + count);
        return;
    }
    if (order != SamplingOptions::Order::kHalton) {
        draw_order(seed, number, round, count, keys, cells);
        return;
    }
    const HaltonShift by = draw_halton_shift(seed, number, round, height_, width_);
    for (std::size_t i = 0; i < count; ++i) {
        const std::int32_t y = (cells[i] / width_ + height_ - by.rows) % height_;
        const std::int32_t x = (cells[i] % width_ + width_ - by.columns) % width_;
        const std::uint64_t rank =
            static_cast<std::uint64_t>(halton_[static_cast<std::size_t>(y * width_ + x)]);
        keys[i] = rank << 32 | static_cast<std::uint32_t>(cells[i]);
    }
    std::sort(keys, keys + count);
    std::transform(keys, keys + count, cells,
                   [](std::uint64_t key) { return static_cast<std::int32_t>(key & 0xFFFFFFFF); });
}

}  // namespace tilewright
