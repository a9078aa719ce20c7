#include "level/solver.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "core/philox.h"
#include "core/streams.h"
#include "level/entropy.h"

namespace tilewright::level {

namespace {

// Right, down, left, up. The opposite of d is d ^ 2.
constexpr std::array<int, 4> kColumnStep{1, 0, -1, 0};
constexpr std::array<int, 4> kRowStep{0, 1, 0, -1};

// A wave takes 9 bytes per cell and pattern and is stored twice; the stack of bans takes 8 more.
constexpr std::int64_t kMaxWave = std::int64_t{1} << 24;
constexpr std::int64_t kMaxPatterns = 4096;

PhiloxCounter random_words(std::uint64_t seed, std::uint32_t n, std::uint32_t attempt, std::uint32_t stream) {
    return philox({n, 0, attempt, stream}, philox_key(seed));
}

void require(bool condition, const char* text) {
    if (!condition) throw std::invalid_argument(text);
}

void check(const Rules& rules, const Grid& grid, const std::vector<std::uint8_t>& domains) {
    const std::int64_t patterns = static_cast<std::int64_t>(rules.weights.size());
    require(1 <= patterns && patterns <= kMaxPatterns, "solve(): there must be 1 to 4096 patterns");
    std::int64_t sum = 0;
    for (const std::int32_t weight : rules.weights) {
        require(weight >= 1, "solve(): every weight must be at least 1");
        sum += weight;
    }
    require(sum <= std::numeric_limits<std::int32_t>::max(),
            "solve(): the weights must sum to less than 2**31");
    const std::size_t square = rules.weights.size() * rules.weights.size();
    require(rules.right.size() == square && rules.below.size() == square,
            "solve(): allowed must have the shape (2, T, T)");
    require(grid.height >= 1 && grid.width >= 1, "solve(): height and width must be at least 1");
    const std::int64_t cells = static_cast<std::int64_t>(grid.height) * grid.width;
    require(cells <= kMaxWave / patterns,
            "solve(): height * width * T must not exceed 2**24; solve a large map in blocks");
    require(domains.empty() || domains.size() == static_cast<std::size_t>(cells * patterns),
            "solve(): domains must have the shape (height, width, T)");
}

int checked_cells(const Rules& rules, const Grid& grid, const std::vector<std::uint8_t>& domains) {
    check(rules, grid, domains);
    return grid.height * grid.width;
}

}  // namespace

Solver::Solver(const Rules& rules, Grid grid, const std::vector<std::uint8_t>& domains, Interrupt* interrupt)
    : patterns_(static_cast<int>(rules.weights.size())),
      cells_(checked_cells(rules, grid, domains)),
      grid_(grid),
      weights_(rules.weights),
      is_touched_(cells_, 0),
      noise_(cells_, 0),
      queue_(cells_),
      interrupt_(interrupt) {
    for (const std::int32_t weight : weights_)
        weight_logs_.push_back(weight * log2_fixed(static_cast<std::uint32_t>(weight)));
    for (int direction = 0; direction < 4; ++direction) {
        const std::vector<std::uint8_t>& table = direction % 2 == 0 ? rules.right : rules.below;
        for (int a = 0; a < patterns_; ++a) {
            allowed_begin_[direction].push_back(static_cast<std::int32_t>(allowed_[direction].size()));
            for (int b = 0; b < patterns_; ++b)
                if (direction < 2 ? table[a * patterns_ + b] : table[b * patterns_ + a])
                    allowed_[direction].push_back(b);
        }
        allowed_begin_[direction].push_back(static_cast<std::int32_t>(allowed_[direction].size()));
    }
    stack_.reserve(static_cast<std::size_t>(cells_) * patterns_);
    touched_.reserve(cells_);
    constrain(domains);
}

// Checks the interrupt at intervals. An interrupted call reports a contradiction.
void Solver::look_at_interrupt() {
    constexpr std::uint32_t kEvery = 256;
    if (++looks_ % kEvery == 0 && requested(interrupt_)) contradicted_ = true;
}

// Computes the initial wave of all attempts: all patterns except those that domains and borders exclude.
void Solver::constrain(const std::vector<std::uint8_t>& domains) {
    const std::size_t states = static_cast<std::size_t>(cells_) * patterns_;
    std::int64_t sum_weights = 0, sum_weight_logs = 0;
    for (int pattern = 0; pattern < patterns_; ++pattern) {
        sum_weights += weights_[pattern];
        sum_weight_logs += weight_logs_[pattern];
    }
    wave_.possible.assign(states, 1);
    wave_.support.resize(states * 4);
    wave_.remaining.assign(cells_, patterns_);
    wave_.sum_weights.assign(cells_, sum_weights);
    wave_.sum_weight_logs.assign(cells_, sum_weight_logs);
    for (std::size_t state = 0; state < states; ++state)
        for (int direction = 0; direction < 4; ++direction) {
            const std::int32_t* begin = &allowed_begin_[direction][state % patterns_];
            wave_.support[state * 4 + direction] = static_cast<std::uint16_t>(begin[1] - begin[0]);
        }
    for (int cell = 0; cell < cells_ && !contradicted_; ++cell) {
        look_at_interrupt();
        for (int pattern = 0; pattern < patterns_; ++pattern) {
            const std::size_t state = static_cast<std::size_t>(cell) * patterns_ + pattern;
            bool allowed = domains.empty() || domains[state];
            for (int direction = 0; direction < 4; ++direction)
                if (wave_.support[state * 4 + direction] == 0 && neighbour(cell, direction) >= 0)
                    allowed = false;
            if (!allowed) ban(cell, pattern);
        }
    }
    start_possible_ = propagate();
    for (const std::int32_t cell : touched_) is_touched_[cell] = 0;
    touched_.clear();
    start_ = wave_;
}

Resolution Solver::run(std::uint64_t seed, std::uint32_t first, int attempts) {
    if (!start_possible_) return Resolution::contradiction;
    for (int i = 0; i < attempts && !requested(interrupt_); ++i)
        if (attempt(seed, first + static_cast<std::uint32_t>(i)) == Resolution::decided)
            return Resolution::decided;
    return Resolution::contradiction;
}

Resolution Solver::attempt(std::uint64_t seed, std::uint32_t number) {
    wave_ = start_;  // same sizes: the copy does not allocate
    contradicted_ = false;
    queue_.clear();
    for (int cell = 0; cell < cells_; ++cell) {
        if (cell % 4 == 0) {
            const PhiloxCounter words =
                random_words(seed, static_cast<std::uint32_t>(cell / 4), number, streams::kWfcTieBreak);
            for (int i = 0; i < 4 && cell + i < cells_; ++i)
                noise_[cell + i] = static_cast<std::uint16_t>(words[i]);
        }
        touched_.push_back(cell);
        is_touched_[cell] = 1;
    }
    refresh_entropies();
    for (std::uint32_t step = 0; !queue_.empty(); ++step) {
        observe(queue_.least(), random_words(seed, step, number, streams::kWfcPattern)[0]);
        const bool possible = propagate();
        refresh_entropies();
        if (!possible) return Resolution::contradiction;
    }
    return Resolution::decided;
}

// Decides a cell: draws one of its possible patterns by weight.
void Solver::observe(int cell, std::uint32_t word) {
    const std::uint8_t* possible = &wave_.possible[static_cast<std::size_t>(cell) * patterns_];
    std::int64_t ticket = (static_cast<std::int64_t>(word) * wave_.sum_weights[cell]) >> 32;
    int choice = 0;
    for (;; ++choice) {
        if (!possible[choice]) continue;
        ticket -= weights_[choice];
        if (ticket < 0) break;
    }
    for (int pattern = 0; pattern < patterns_; ++pattern)
        if (possible[pattern] && pattern != choice) ban(cell, pattern);
}

// Propagates the bans so far (AC-4). Returns false if a cell has no pattern left.
bool Solver::propagate() {
    while (!stack_.empty() && !contradicted_) {
        look_at_interrupt();
        const Ban last = stack_.back();
        stack_.pop_back();
        for (int direction = 0; direction < 4; ++direction) {
            const int cell = neighbour(last.cell, direction);
            if (cell < 0) continue;
            const std::int32_t* begin = &allowed_begin_[direction][last.pattern];
            for (std::int32_t i = begin[0]; i < begin[1]; ++i) {
                const int pattern = allowed_[direction][i];
                const std::size_t state = static_cast<std::size_t>(cell) * patterns_ + pattern;
                if (--wave_.support[state * 4 + (direction ^ 2)] == 0 && wave_.possible[state])
                    ban(cell, pattern);
            }
        }
    }
    stack_.clear();
    return !contradicted_;
}

void Solver::ban(int cell, int pattern) {
    wave_.possible[static_cast<std::size_t>(cell) * patterns_ + pattern] = 0;
    wave_.sum_weights[cell] -= weights_[pattern];
    wave_.sum_weight_logs[cell] -= weight_logs_[pattern];
    if (--wave_.remaining[cell] == 0) contradicted_ = true;
    stack_.push_back({cell, pattern});
    if (!is_touched_[cell]) {
        is_touched_[cell] = 1;
        touched_.push_back(cell);
    }
}

void Solver::refresh_entropies() {
    for (const std::int32_t cell : touched_) {
        look_at_interrupt();
        is_touched_[cell] = 0;
        if (wave_.remaining[cell] <= 1) {
            queue_.remove(cell);
            continue;
        }
        const std::int64_t entropy = entropy_fixed(wave_.sum_weights[cell], wave_.sum_weight_logs[cell]);
        queue_.set(cell, entropy * 65536 + noise_[cell]);
    }
    touched_.clear();
}

// Returns the neighbouring cell, or -1 beyond a border of a non-periodic grid.
int Solver::neighbour(int cell, int direction) const {
    int row = cell / grid_.width + kRowStep[direction];
    int column = cell % grid_.width + kColumnStep[direction];
    if (grid_.periodic) {
        row = (row + grid_.height) % grid_.height;
        column = (column + grid_.width) % grid_.width;
    } else if (row < 0 || row >= grid_.height || column < 0 || column >= grid_.width) {
        return -1;
    }
    return row * grid_.width + column;
}

std::vector<std::int32_t> Solver::decided() const {
    std::vector<std::int32_t> result(cells_);
    for (int cell = 0; cell < cells_; ++cell) {
        const auto begin = wave_.possible.begin() + static_cast<std::ptrdiff_t>(cell) * patterns_;
        result[cell] = static_cast<std::int32_t>(std::find(begin, begin + patterns_, 1) - begin);
    }
    return result;
}

}  // namespace tilewright::level
