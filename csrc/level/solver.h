// Wave function collapse (Gumin 2016) on integers. The solver knows only pattern numbers, weights and
// adjacency rules.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/interrupt.h"
#include "level/cell_queue.h"

namespace tilewright::level {

enum class Resolution { decided, contradiction };

/// The patterns: relative frequencies, and which pattern may be right of and below which.
struct Rules {
    std::vector<std::int32_t> weights;  // (T), each at least 1, with a sum below 2^31
    std::vector<std::uint8_t> right;    // (T, T): non-zero if the second may be right of the first
    std::vector<std::uint8_t> below;    // (T, T): non-zero if the second may be below the first
};

struct Grid {
    int height, width;
    bool periodic;  // opposite edges meet
};

class Solver {
  public:
    /// Throws std::invalid_argument for invalid arguments. `domains` (height, width, T) is non-zero if a cell
    /// may take a pattern; empty allows all patterns. The interrupt may be null. After an interruption,
    /// results are undefined.
    Solver(const Rules& rules, Grid grid, const std::vector<std::uint8_t>& domains, Interrupt* interrupt);

    /// Tries attempts first .. first + attempts - 1 until one decides every cell. The random words depend
    /// only on seed and attempt, so the result is the same on every machine.
    Resolution run(std::uint64_t seed, std::uint32_t first, int attempts);

    /// Returns the pattern of each cell (height * width) after a successful run.
    std::vector<std::int32_t> decided() const;

  private:
    struct Ban {
        std::int32_t cell, pattern;
    };
    /// The state that a ban changes. An attempt begins with a copy of the initial wave.
    struct Wave {
        std::vector<std::uint8_t> possible;     // (cells, T)
        std::vector<std::uint16_t> support;     // (cells, T, 4): neighbouring patterns that allow the pattern
        std::vector<std::int32_t> remaining;    // (cells): number of possible patterns
        std::vector<std::int64_t> sum_weights;  // (cells)
        std::vector<std::int64_t> sum_weight_logs;  // (cells)
    };

    void constrain(const std::vector<std::uint8_t>& domains);
    Resolution attempt(std::uint64_t seed, std::uint32_t number);
    void observe(int cell, std::uint32_t word);
    bool propagate();
    void ban(int cell, int pattern);
    void refresh_entropies();
    int neighbour(int cell, int direction) const;
    void look_at_interrupt();

    int patterns_, cells_;
    Grid grid_;
    std::vector<std::int32_t> weights_;
    std::vector<std::int64_t> weight_logs_;                   // w * log2(w)
    std::array<std::vector<std::int32_t>, 4> allowed_;        // per direction: concatenated lists of patterns
    std::array<std::vector<std::int32_t>, 4> allowed_begin_;  // (T + 1): start of each list

    Wave wave_, start_;
    bool start_possible_ = true;
    std::vector<Ban> stack_;  // bans that are not propagated yet
    std::vector<std::int32_t> touched_;
    std::vector<std::uint8_t> is_touched_;
    std::vector<std::uint16_t> noise_;  // (cells): tie-breaker for equal entropies
    CellQueue queue_;
    bool contradicted_ = false;
    Interrupt* interrupt_;
    std::uint32_t looks_ = 0;
};

}  // namespace tilewright::level
