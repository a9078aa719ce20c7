#include "core/inputs.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "core/check_plan.h"
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
        const LatentTable& table = request.latent_table ? *request.latent_table : plan.latent_table;
        draw_latents(request.seed, request.number_of(number), table, first, count, latents);
    }
    for (std::size_t i = 0; i < count; ++i) {
        to[i] ^= 0x80;  // int8 + 128 as uint8
    }
}

/// Throws for a number of a cell that is not below `limit`. name: what the numbers are, for the text.
void check_maps(const Value& map, const TileBytes& maps, std::size_t count, std::int32_t limit,
                const std::string& name) {
    const std::size_t bytes = map.bytes();
    for (std::size_t tile = 0; tile < (maps.stride ? count : std::min<std::size_t>(count, 1)); ++tile) {
        const std::uint8_t* const numbers = maps.of(tile);
        std::uint8_t most = 0;
        for (std::size_t i = 0; i < bytes; ++i) {
            most = std::max(most, numbers[i]);
        }
        if (most >= limit) {
            const std::int64_t cell = std::max_element(numbers, numbers + bytes) - numbers;
            throw std::invalid_argument(
                name + " " + std::to_string(most) + " of tile " + std::to_string(tile) + ", cell (" +
                std::to_string(cell / map.shape[1]) + ", " + std::to_string(cell % map.shape[1]) +
                ") is not below " + std::to_string(limit));
        }
    }
}

void check_allowed(const Plan& plan, const TileRequest& request, const std::string& function) {
    const std::size_t colours = static_cast<std::size_t>(plan.sampler->colours);
    for (std::size_t tile = 0; tile < (request.allowed.stride ? request.count : 1); ++tile) {
        const std::uint8_t* const allowed = request.allowed.of(tile);
        if (std::find_if(allowed, allowed + colours, [](std::uint8_t is) { return is; }) ==
            allowed + colours) {
            throw std::invalid_argument(
                function + ": allowed has no palette entry for " +
                (request.allowed.stride ? "tile " + std::to_string(tile) : std::string("any tile")));
        }
    }
}

}  // namespace

void check_request(const Plan& plan, const TileRequest& request, const std::string& function) {
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
        check_maps(plan.values[plan.find_input(Source::kKindMap)->value], request.kind_maps, request.count,
                   plan.kinds, function + ": kind");
    }
    if (request.cells && plan.sampler) {  // without a sampler, any byte is valid
        check_maps(plan.values[plan.sampler->cells], request.cells, request.count, plan.sampler->colours + 1,
                   function + ": cells: value");
    }
    if (!request.cells && !plan.sampler && plan.find_input(Source::kCells)) {
        throw std::invalid_argument(function + ": cells must be given, because the plan has no sampler");
    }
    if (request.allowed) {
        check_allowed(plan, request, function);
    }
    if (request.sampling) {
        check_sampling(plan, *request.sampling, function + ": ");
    }
}

const SamplingOptions* sampling_of(const Plan& plan, const TileRequest& request) {
    return request.sampling ? request.sampling : plan.sampler ? &plan.sampler->options : nullptr;
}

std::int32_t kind_of(const Plan& plan, const TileRequest& request, std::size_t number) {
    if (request.kinds) {
        return std::clamp(request.kinds[number], 0, plan.kinds - 1);
    }
    return request.kind ? *request.kind : draw_kind(request.seed, request.number_of(number), plan.kinds);
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

void fill_cells(const Plan& plan, const TileRequest& request, std::size_t number, std::size_t bytes,
                std::uint8_t* to) {
    const std::uint8_t last = plan.sampler ? static_cast<std::uint8_t>(plan.sampler->colours) : 255;
    if (!request.cells) {
        // These are a sampler's unknown cells. Cells of other plans are missing only if time is measured.
        std::memset(to, last, bytes);
        return;
    }
    const std::uint8_t* const from = request.cells.of(number);
    std::transform(from, from + bytes, to, [&](std::uint8_t cell) { return std::min(cell, last); });
}

void fill_allowed(const Plan& plan, const TileRequest& request, std::size_t number, std::uint8_t* to) {
    const std::uint8_t* const from = request.allowed.of(number);
    std::uint8_t any = 0;
    for (int k = 0; k < plan.sampler->colours; ++k) {
        to[k] = from[k] ? 1 : 0;
        any |= to[k];
    }
    to[0] |= any ^ 1;  // another thread may have modified the caller's array
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
                for (std::size_t tile = 0; tile < tiles; ++tile) {
                    fill_cells(plan, request, begin + tile, bytes, to + tile * bytes);
                }
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
