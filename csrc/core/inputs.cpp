#include "core/inputs.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "core/seeds.h"

namespace tilewright {
namespace {

/// Writes the latents `first` to `first + count - 1` of a tile, as uint8.
void fill_latents(const Plan& plan, const TileRequest& request, std::size_t number, std::size_t first,
                  std::size_t count, std::uint8_t* to) {
    std::int8_t* const latents = reinterpret_cast<std::int8_t*>(to);
    if (request.latents) {
        std::copy_n(request.latents + number * plan.latent_size() + first, count, latents);
    } else {
        draw_latents(request.seed, request.start + number, plan.latent_table, first, count, latents);
    }
    for (std::size_t i = 0; i < count; ++i) {
        to[i] ^= 0x80;  // int8 + 128 as uint8
    }
}

/// Throws for a kind of a cell that the plan does not have.
void check_kind_maps(const Plan& plan, const TileRequest& request, const std::string& function) {
    const Value& map = plan.values[plan.find_input(Source::kKindMap)->value];
    const std::size_t bytes = map.bytes();
    for (std::size_t tile = 0; tile < (request.kind_maps.stride ? request.count : 1); ++tile) {
        const std::uint8_t* const kinds = request.kind_maps.of(tile);
        std::uint8_t most = 0;
        for (std::size_t i = 0; i < bytes; ++i) {
            most = std::max(most, kinds[i]);
        }
        if (most >= plan.kinds) {
            const std::int64_t cell = std::max_element(kinds, kinds + bytes) - kinds;
            throw std::invalid_argument(
                function + ": kind " + std::to_string(most) + " of tile " + std::to_string(tile) +
                ", cell (" + std::to_string(cell / map.shape[1]) + ", " +
                std::to_string(cell % map.shape[1]) + ") is not below " + std::to_string(plan.kinds));
        }
    }
}

}  // namespace

void check_kinds(const Plan& plan, const TileRequest& request, const std::string& function) {
    const auto is_valid = [&](std::int32_t kind) { return kind >= 0 && kind < plan.kinds; };
    const std::string reason = " is not below " + std::to_string(plan.kinds);
    if (request.kind && !is_valid(*request.kind)) {
        throw std::invalid_argument(function + ": kind " + std::to_string(*request.kind) + reason);
    }
    for (std::size_t tile = 0; request.kinds && tile < request.count; ++tile) {
        if (!is_valid(request.kinds[tile])) {
            throw std::invalid_argument(function + ": kind " + std::to_string(request.kinds[tile]) +
                                        " of tile " + std::to_string(tile) + reason);
        }
    }
    if (request.kind_maps) {
        check_kind_maps(plan, request, function);
    }
}

std::int32_t kind_of(const Plan& plan, const TileRequest& request, std::size_t number) {
    if (request.kinds) {
        return std::clamp(request.kinds[number], 0, plan.kinds - 1);
    }
    return request.kind ? *request.kind : draw_kind(request.seed, request.start + number, plan.kinds);
}

void fill_kind_map(const Plan& plan, const TileRequest& request, std::size_t number, std::size_t bytes,
                   std::uint8_t* to) {
    if (!request.kind_maps) {
        std::memset(to, kind_of(plan, request, number), bytes);
        return;
    }
    const std::uint8_t* const from = request.kind_maps.of(number);
    const std::uint8_t last = static_cast<std::uint8_t>(std::min(plan.kinds, 256) - 1);
    for (std::size_t i = 0; i < bytes; ++i) {
        to[i] = std::min(from[i], last);
    }
}

void fill_inputs(const Plan& plan, const TileRequest& request, std::size_t begin, std::size_t tiles,
                 std::vector<std::vector<std::uint8_t>>& inputs) {
    std::size_t latents = 0;  // in the inputs before
    for (std::size_t i = 0; i < plan.inputs.size(); ++i) {
        const std::size_t bytes = plan.values[plan.inputs[i].value].bytes();
        std::uint8_t* const to = inputs[i].data();
        switch (plan.inputs[i].source) {
            case Source::kLatents:
                for (std::size_t tile = 0; tile < tiles; ++tile) {
                    fill_latents(plan, request, begin + tile, latents, bytes, to + tile * bytes);
                }
                latents += bytes;
                break;
            case Source::kKind:
                for (std::size_t tile = 0; tile < tiles; ++tile) {
                    const std::int32_t kind = kind_of(plan, request, begin + tile);
                    std::memcpy(to + tile * bytes, &kind, bytes);
                }
                break;
            case Source::kCells:
                std::memset(to, plan.sampler->colours, tiles * bytes);
                break;
            case Source::kKindMap:
                for (std::size_t tile = 0; tile < tiles; ++tile) {
                    fill_kind_map(plan, request, begin + tile, bytes, to + tile * bytes);
                }
                break;
            case Source::kWords:
                for (std::size_t tile = 0; tile < tiles; ++tile) {
                    if (request.words) {
                        std::memcpy(to + tile * bytes, request.words.of(begin + tile), bytes);
                    } else {
                        std::memset(to + tile * bytes, 0, bytes);
                    }
                }
                break;
        }
    }
}

}  // namespace tilewright
