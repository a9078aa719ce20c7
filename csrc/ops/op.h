#pragma once

#include <type_traits>
#include <variant>

#include "ops/add.h"
#include "ops/argmax.h"
#include "ops/concat.h"
#include "ops/conv2d.h"
#include "ops/conv_transpose2d.h"
#include "ops/dense.h"
#include "ops/embed.h"
#include "ops/embed_cells.h"
#include "ops/lookup.h"
#include "ops/max_pool.h"
#include "ops/mean.h"
#include "ops/nearest.h"
#include "ops/scores.h"
#include "ops/slice.h"

namespace tilewright::ops {

/// Any op. docs/hacking.md lists what a new op needs; the compiler reports missing cases.
using Op = std::variant<Embed, EmbedCells, Concat, Slice, Dense, Conv2d, ConvTranspose2d, Scores, Argmax,
                        Lookup, Add, Nearest, MaxPool, Mean>;

/// Whether an op multiplies with weights. Every backend runs such an op as a layer, which
/// core/layer_geometry.cpp describes.
template <typename T>
inline constexpr bool is_weighted_v = std::is_same_v<T, Dense> || std::is_same_v<T, Conv2d> ||
                                      std::is_same_v<T, ConvTranspose2d> || std::is_same_v<T, Scores>;

/// Calls visit(alternative) if the op has weights; visit need not be defined for others.
template <typename Visit>
void visit_weighted(const Op& op, const Visit& visit) {
    std::visit(
        [&](const auto& alternative) {
            if constexpr (is_weighted_v<std::decay_t<decltype(alternative)>>) {
                visit(alternative);
            }
        },
        op);
}

/// Calls visit(alternative) if the op has no weights; visit need not be defined for others.
template <typename Visit>
void visit_pointwise(const Op& op, const Visit& visit) {
    std::visit(
        [&](const auto& alternative) {
            if constexpr (!is_weighted_v<std::decay_t<decltype(alternative)>>) {
                visit(alternative);
            }
        },
        op);
}

inline const char* name_of(const Op& op) {
    return std::visit([](const auto& alternative) { return alternative.kName; }, op);
}

}  // namespace tilewright::ops
