// Wave function collapse (Gumin 2016) on integers. The solver knows pattern numbers, weights and which
// pattern may stand beside which; what a pattern looks like is the business of its caller.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/interrupt.h"
#include "level/cell_queue.h"

namespace tilewright::level {

enum class Resolution { decided, contradiction };

/// Which patterns there are, how often each is wanted, and what may lie right of and below each.
struct Rules {
    std::vector<std::int32_t> weights;  // (T), each at least 1, their sum below 2^31
    std::vector<std::uint8_t> right;    // (T, T): non-zero where the second may stand right of the first
    std::vector<std::uint8_t> below;    // (T, T): non-zero where the second may stand below the first
};

struct Grid {
    int height, width;
    bool periodic;  // opposite edges meet
};

class Solver {
  public:
    /// Throws std::invalid_argument with a clear text. `domains` (height, width, T) is non-zero where a cell
    /// may take a pattern; empty means that every cell may take every one.
    /// Once the interrupt, which may be null, asks for the end, results mean nothing.
    Solver(const Rules& rules, Grid grid, const std::vector<std::uint8_t>& domains, Interrupt* interrupt);

    /// Tries attempts first .. first + attempts - 1 until one decides every cell. The same seed and attempt
    /// draw the same random words everywhere, so a result depends on nothing else.
    Resolution run(std::uint64_t seed, std::uint32_t first, int attempts);

    /// The pattern of each cell (height * width) after a decided run.
    std::vector<std::int32_t> decided() const;

  private:
    struct Ban {
        std::int32_t cell, pattern;
    };
    /// What a ban changes. Kept whole, so that an attempt begins by copying one made after the first bans.
    struct Wave {
        std::vector<std::uint8_t> possible;         // (cells, T)
        std::vector<std::uint16_t> support;         // (cells, T, 4): neighbours that still allow the pattern
        std::vector<std::int32_t> remaining;        // (cells): possible patterns
        std::vector<std::int64_t> sum_weights;      // (cells)
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
    std::array<std::vector<std::int32_t>, 4> allowed_;        // per direction: lists of patterns, end to end
    std::array<std::vector<std::int32_t>, 4> allowed_begin_;  // (T + 1): where each list starts

    Wave wave_, start_;
    bool start_possible_ = true;
    std::vector<Ban> stack_;  // bans whose consequences are still to be drawn
    std::vector<std::int32_t> touched_;
    std::vector<std::uint8_t> is_touched_;
    std::vector<std::uint16_t> noise_;  // (cells): breaks ties between equal entropies
    CellQueue queue_;
    bool contradicted_ = false;
    Interrupt* interrupt_;
    std::uint32_t looks_ = 0;
};

}  // namespace tilewright::level
