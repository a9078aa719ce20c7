#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/backend.h"
#include "core/plan.h"

namespace tilewright {

/// Which tiles to make: start, start + 1, ... modulo 2^64.
struct TileRequest {
    std::uint64_t seed = 0;
    std::uint64_t start = 0;
    std::size_t count = 0;
    const std::int32_t* kinds = nullptr;   ///< (count), or null: drawn from the seed
    const std::int8_t* latents = nullptr;  ///< (count, latent_size), or null: drawn from the seed
    int threads = 1;                       ///< 0: one per processor
};

/// Runs a checked plan. Every tile is made alone in an arena, so its bytes depend on (plan, seed, index,
/// kind) and on nothing else. Immutable, so that threads may share it.
class Executor {
  public:
    /// Throws std::invalid_argument when the plan does not hold together (check_plan).
    Executor(Plan plan, const Backend& backend);

    /// Makes the tiles; outputs[o] receives (count, bytes of output o). Throws std::invalid_argument for a
    /// kind out of range and std::bad_alloc; nothing is written then.
    void run(const TileRequest& request, const std::vector<std::uint8_t*>& outputs) const;

    /// Makes the first tile of the request and returns what each step wrote.
    std::vector<std::vector<std::uint8_t>> trace(const TileRequest& request) const;

    const Plan& plan() const { return plan_; }
    const Backend& backend() const { return *backend_; }

  private:
    class Workspace;

    void check_request(const TileRequest& request) const;
    std::int32_t begin_tile(const TileRequest& request, std::size_t tile, std::uint8_t* arena) const;
    void run_step(const Step& step, std::int32_t kind, const Workspace& workspace) const;
    void run_range(const TileRequest& request, std::size_t begin, std::size_t end, const Workspace& workspace,
                   const std::vector<std::uint8_t*>& outputs) const;

    Plan plan_;
    const Backend* backend_;
    std::size_t scratch_bytes_ = 0;
};

}  // namespace tilewright
