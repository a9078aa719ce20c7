#include "level/solver.h"

#include <algorithm>
#include <stdexcept>

#include "core/philox.h"
#include "core/streams.h"

namespace tilewright::level {

namespace {

constexpr std::int64_t kMaxCells = std::int64_t{1} << 22;
constexpr std::int64_t kMaxStates = std::int64_t{1} << 30;

// When the latest decisions are not to blame, going back one by one takes exponential time. After
// kPatience conflicts without progress the search goes back kJump decisions; both grow until there is
// progress.
constexpr std::int64_t kPatience = 8, kJump = 8;
constexpr std::int64_t kPatienceGrowth = 2, kJumpGrowth = 4;

void require(bool condition, const char* text) {
    if (!condition) {
        throw std::invalid_argument(text);
    }
}

PhiloxCounter random_words(std::uint64_t seed, std::uint64_t n, std::uint32_t stream) {
    return philox({static_cast<std::uint32_t>(n), static_cast<std::uint32_t>(n >> 32), 0, stream},
                  philox_key(seed));
}

}  // namespace

/// One solve.
class Solver::Search {
  public:
    Search(const Solver& solver, std::uint64_t seed, std::int64_t max_steps, Limits& limits)
        : rules_(solver.rules_),
          zones_(solver.zones_),
          constraints_(solver.constraints_),
          seed_(seed),
          max_steps_(max_steps),
          limits_(limits),
          wave_(rules_, solver.grid_, limits, constraints_),
          entropies_(rules_),
          queue_(wave_.cells()),
          noise_(wave_.cells()),
          is_to_blame_(constraints_.size(), 0) {}

    Solution run() {
        for (const auto& constraint : constraints_) {
            constraint->begin(wave_);
        }
        Solution solution;
        solution.outcome = search();
        solution.steps = steps_;
        solution.conflicts = conflicts_;
        if (solution.outcome == Outcome::decided) {
            solution.tiles.reserve(wave_.cells());
            for (int cell = 0; cell < wave_.cells(); ++cell) {
                for_each(wave_.domain(cell), wave_.words(),
                         [&](int tile) { solution.tiles.push_back(tile); });
            }
        } else {
            for (std::size_t i = 0; i < constraints_.size(); ++i) {
                if (is_to_blame_[i]) {
                    solution.names.push_back(constraints_[i]->name());
                }
            }
            solution.by_adjacency = adjacency_is_to_blame_;
        }
        return solution;
    }

  private:
    struct Decision {
        std::int32_t cell, tile;
    };

    Outcome search() {
        const bool possible = settle();
        if (limits_.reached_now()) {
            return Outcome::out_of_time;
        }
        if (!possible) {
            return Outcome::unsatisfiable;
        }
        draw_noise();
        std::int64_t patience = kPatience, jump = kJump, failures = 0, fewest = wave_.cells() + 1;
        for (;;) {
            // A limit may have kept the latest decision from the wave, which then has nothing to settle.
            if (limits_.reached()) {
                return Outcome::out_of_time;
            }
            wave_.take_changes([&](int cell) { refresh(cell); });
            if (queue_.empty()) {
                return Outcome::decided;
            }
            if (queue_.size() < fewest) {
                fewest = queue_.size();
                patience = kPatience;
                jump = kJump;
                failures = 0;
            }
            if (steps_ >= max_steps_) {
                return Outcome::out_of_steps;
            }
            decide();
            while (!settle()) {
                if (limits_.reached()) {
                    return Outcome::out_of_time;
                }
                ++conflicts_;
                if (decisions_.empty()) {
                    return Outcome::unsatisfiable;
                }
                if (++failures >= patience) {
                    go_back(jump);
                    patience *= kPatienceGrowth;
                    jump = std::min(jump * kJumpGrowth, kMaxCells);
                    failures = 0;
                    break;
                }
                refute();
            }
        }
    }

    /// Applies rules and constraints until nothing changes. Returns false at a contradiction or a limit.
    bool settle() {
        std::size_t latest = constraints_.size();  // the constraint that excluded tiles last
        for (bool settled = false; !settled;) {
            settled = true;
            if (!wave_.propagate()) {
                return blame(latest);
            }
            for (std::size_t i = 0; i < constraints_.size() && settled; ++i) {
                if (!constraints_[i]->enforce(wave_)) {
                    return blame(i);
                }
                if (wave_.pending()) {
                    latest = i;
                    settled = false;
                }
            }
        }
        return true;
    }

    bool blame(std::size_t constraint) {
        if (limits_.reached()) {
            return false;
        }
        if (constraint < constraints_.size()) {
            is_to_blame_[constraint] = 1;
        } else {
            adjacency_is_to_blame_ = true;
        }
        return false;
    }

    /// Decides the cell of lowest entropy: draws one of its tiles by weight.
    void decide() {
        const int cell = queue_.least();
        const std::int32_t* weights = rules_.weights(zone(cell));
        std::int64_t sum = 0;
        for_each(wave_.domain(cell), wave_.words(), [&](int tile) { sum += weights[tile]; });
        const std::uint32_t word = random_words(seed_, steps_++, streams::kWfcPattern)[0];
        std::int64_t ticket = (static_cast<std::int64_t>(word) * sum) >> 32;
        int choice = -1;
        for_each(wave_.domain(cell), wave_.words(), [&](int tile) {
            if (choice >= 0) {
                return;
            }
            ticket -= weights[tile];
            if (ticket < 0) {
                choice = tile;
            }
        });
        wave_.push();
        decisions_.push_back({cell, choice});
        TileSet only(wave_.words(), 0);
        insert(only.data(), choice);
        wave_.keep(cell, only.data());
    }

    /// Takes the latest decision back and excludes it.
    void refute() {
        const Decision last = decisions_.back();
        decisions_.pop_back();
        wave_.pop();
        TileSet others = rules_.all();
        erase(others.data(), last.tile);
        wave_.keep(last.cell, others.data());
    }

    /// Takes decisions back without a conclusion from them.
    void go_back(std::int64_t count) {
        for (; count > 0 && !decisions_.empty(); --count) {
            decisions_.pop_back();
            wave_.pop();
        }
    }

    void draw_noise() {
        for (int cell = 0; cell < wave_.cells() && !limits_.reached(); cell += 4) {
            const PhiloxCounter words = random_words(seed_, cell / 4, streams::kWfcTieBreak);
            for (int i = 0; i < 4 && cell + i < wave_.cells(); ++i) {
                noise_[cell + i] = static_cast<std::uint16_t>(words[i]);
            }
        }
    }

    void refresh(int cell) {
        if (wave_.size(cell) <= 1) {
            queue_.remove(cell);
        } else {
            queue_.set(cell, entropies_(zone(cell), wave_.domain(cell)) * 65536 + noise_[cell]);
        }
    }

    int zone(int cell) const { return zones_.empty() ? 0 : zones_[cell]; }

    const Rules& rules_;
    const std::vector<std::uint8_t>& zones_;
    const std::vector<std::unique_ptr<Constraint>>& constraints_;
    std::uint64_t seed_;
    std::int64_t max_steps_;
    Limits& limits_;

    Wave wave_;
    EntropyTable entropies_;
    CellQueue queue_;
    std::vector<std::uint16_t> noise_;  // (cells): orders cells of equal entropy
    std::vector<Decision> decisions_;
    std::int64_t steps_ = 0, conflicts_ = 0;
    std::vector<std::uint8_t> is_to_blame_;
    bool adjacency_is_to_blame_ = false;
};

Solver::Solver(const Rules& rules, Grid grid, const std::vector<std::uint8_t>& zones,
               const std::vector<std::unique_ptr<Constraint>>& constraints)
    : rules_(rules), grid_(grid), zones_(zones), constraints_(constraints) {
    require(grid.height >= 1 && grid.width >= 1, "solve(): height and width must be at least 1");
    require(grid.cells() <= kMaxCells, "solve(): height * width must not exceed 2**22");
    require(grid.cells() <= kMaxStates / rules.tiles(), "solve(): height * width * T must not exceed 2**30");
    require(zones.empty() || zones.size() == static_cast<std::size_t>(grid.cells()),
            "solve(): zones must have the shape (height, width)");
    require(zones.empty() || *std::max_element(zones.begin(), zones.end()) < rules.zones(),
            "solve(): zones must be rows of weights");
}

Solution Solver::solve(std::uint64_t seed, std::int64_t max_steps, Limits& limits) {
    return Search(*this, seed, max_steps, limits).run();
}

}  // namespace tilewright::level
