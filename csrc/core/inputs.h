#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/interrupt.h"
#include "core/plan.h"

namespace tilewright {

/// Bytes that the caller provides for each tile, or nothing.
struct TileBytes {
    const std::uint8_t* data = nullptr;
    std::size_t stride = 0;  ///< bytes from one tile to the next; 0: the same bytes for all tiles

    explicit operator bool() const { return data != nullptr; }
    const std::uint8_t* of(std::size_t tile) const { return data + tile * stride; }
};

/// The tiles to generate: start, start + 1, ... modulo 2^64, and the inputs that the caller provides. The
/// others are drawn from the seed.
struct TileRequest {
    std::uint64_t seed = 0;
    std::uint64_t start = 0;
    std::size_t count = 0;
    std::optional<std::int32_t> kind;             ///< of all tiles
    const std::int32_t* kinds = nullptr;          ///< (count), the kind of each tile; or null
    const std::int8_t* latents = nullptr;         ///< (count, latent_size), or null
    TileBytes kind_maps;                          ///< values of source kKindMap; instead of kinds
    TileBytes words;                              ///< values of source kWords
    const std::uint64_t* tile_numbers = nullptr;  ///< (count), instead of start, start + 1, ...; or null
    TileBytes cells;    ///< values of source kCells: given cells of a sampler's picture, among unknown ones
    TileBytes allowed;  ///< 0 or 1 for each palette entry: whether a sampler may draw it
    const SamplingOptions* sampling = nullptr;  ///< of a sampler; null: those of the plan
    const LatentTable* latent_table = nullptr;  ///< of drawn latents; null: that of the plan
    int threads = 1;                            ///< 0: one per processor
    Interrupt* interrupt = nullptr;             ///< may end the call early, or null

    /// Returns the number that tile `tile` has in the streams of random words.
    std::uint64_t number_of(std::size_t tile) const {
        return tile_numbers ? tile_numbers[tile] : start + tile;
    }
};

/// Throws std::invalid_argument for a kind or a palette entry that the plan does not have, for a tile without
/// allowed entries, for unsuitable options of the sampler, and if a plan without a sampler lacks its cells.
/// function: "Executor.run()".
void check_request(const Plan& plan, const TileRequest& request, const std::string& function);

/// Returns the kind of tile `number` of a checked request. Another thread may have modified the caller's
/// array since.
std::int32_t kind_of(const Plan& plan, const TileRequest& request, std::size_t number);

/// Writes a kind for each cell of tile `number` of a checked request: `bytes` of source kKindMap.
void fill_kind_map(const Plan& plan, const TileRequest& request, std::size_t number, std::size_t bytes,
                   std::uint8_t* to);

/// Writes the cells of tile `number` of a checked request, of a sampler those that are known at first;
/// `bytes` of source kCells.
void fill_cells(const Plan& plan, const TileRequest& request, std::size_t number, std::size_t bytes,
                std::uint8_t* to);

/// Writes which palette entries tile `number` of a checked request may draw: 1 for one entry at least, 0 for
/// others.
void fill_allowed(const Plan& plan, const TileRequest& request, std::size_t number, std::uint8_t* to);

/// Returns the options of a request's sampler, or null for a plan without one.
const SamplingOptions* sampling_of(const Plan& plan, const TileRequest& request);

/// Writes the plan's inputs for `tiles` tiles of a checked request, starting at number `begin`. inputs: for
/// each input of the plan, space for (tiles, bytes of its value).
void fill_inputs(const Plan& plan, const TileRequest& request, std::size_t begin, std::size_t tiles,
                 std::vector<std::vector<std::uint8_t>>& inputs);

}  // namespace tilewright
