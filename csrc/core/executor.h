#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/backend.h"
#include "core/inputs.h"
#include "core/interrupt.h"
#include "core/plan.h"

namespace tilewright {

/// The maximum number of threads per call.
constexpr std::size_t kMaxWorkers = 256;

/// Runs a checked plan in blocks of tiles. Each tile has its own memory, so its bytes depend only on (plan,
/// seed, index, kind). Threads may share an executor.
class Executor {
  public:
    /// Throws std::invalid_argument for an inconsistent plan (check_plan).
    Executor(Plan plan, const Backend& backend);
    ~Executor();
    Executor(const Executor&) = delete;
    Executor& operator=(const Executor&) = delete;

    /// Generates the tiles; outputs[o] receives (count, bytes of output o). Throws std::invalid_argument for
    /// an unsuitable request and std::bad_alloc; nothing is written then.
    void run(const TileRequest& request, const std::vector<std::uint8_t*>& outputs) const;

    /// Executes the first tile of the request step by step and returns what each step wrote. For a sampler:
    /// one evaluation of its network with all cells unknown.
    std::vector<std::vector<std::uint8_t>> trace(const TileRequest& request) const;

    /// Returns the cost of the plan's stages on one thread, as means over `rounds` blocks.
    std::vector<StageTime> time_stages(int rounds, Interrupt* interrupt = nullptr) const;

    const Plan& plan() const { return plan_; }
    const Backend& backend() const { return *backend_; }
    const Program& program() const { return *program_; }

  private:
    struct Workspace;
    struct Job;

    std::unique_ptr<Workspace> take_workspace() const;
    void give_back(std::unique_ptr<Workspace> workspace) const;
    Block begin_block(const Program& program, const TileRequest& request, std::size_t begin, std::size_t end,
                      Workspace& workspace) const;
    void run_range(const TileRequest& request, std::size_t begin, std::size_t end, Workspace& workspace,
                   const std::vector<std::uint8_t*>& outputs) const;

    Plan plan_;
    const Backend* backend_;
    std::unique_ptr<Program> program_;
    /// Workspaces for reuse by the next call. These are atomic slots, because a fork could leave a mutex
    /// locked.
    mutable std::array<std::atomic<Workspace*>, kMaxWorkers> spare_{};
};

}  // namespace tilewright
