#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/arrays.h"
#include "bindings/bindings.h"
#include "bindings/gil.h"
#include "level/constraints.h"
#include "level/solver.h"

namespace py = pybind11;

namespace tilewright {
namespace {

using level::Outcome;
using level::TileSet;

const char* name_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::decided:
            return "decided";
        case Outcome::unsatisfiable:
            return "unsatisfiable";
        case Outcome::out_of_steps:
            return "out of steps";
        case Outcome::out_of_time:
            return "out of time";
    }
    return "";
}

level::Rules copy_rules(const py::array& weights, const py::array& allowed) {
    std::vector<std::int32_t> rows = copy_array<std::int32_t>(weights, 2, "solve(): weights");
    const std::vector<std::uint8_t> both = copy_array<std::uint8_t>(allowed, 3, "solve(): allowed");
    const py::ssize_t tiles = weights.shape(1);
    if (allowed.shape(0) != 2 || allowed.shape(1) != tiles || allowed.shape(2) != tiles) {
        throw std::invalid_argument("solve(): allowed must have the shape (2, T, T) with T = " +
                                    std::to_string(tiles) + ", not " + describe(allowed));
    }
    const auto half = both.begin() + static_cast<std::ptrdiff_t>(both.size() / 2);
    return level::Rules(static_cast<int>(std::min<py::ssize_t>(tiles, level::kMaxTiles + 1)), std::move(rows),
                        {both.begin(), half}, {half, both.end()});
}

/// A problem, to which constraints are added, and its solver.
class LevelSolver {
  public:
    LevelSolver(const py::array& weights, const py::array& allowed, int height, int width, bool periodic,
                const std::optional<py::array>& zones)
        : rules_(copy_rules(weights, allowed)),
          grid_{height, width, periodic},
          zones_(zones ? copy_shaped<std::uint8_t>(*zones, {height, width}, "solve(): zones")
                       : std::vector<std::uint8_t>()),
          solver_(rules_, grid_, zones_, constraints_) {}

    void allow(std::string name, const py::array& tiles, const py::array& cells) {
        add<level::Allow>(std::move(name), copy_set(tiles), copy_cells(cells));
    }
    void count(std::string name, const py::array& tiles, std::int64_t least, std::int64_t most) {
        add<level::Count>(std::move(name), copy_set(tiles), rules_.tiles(), least, most);
    }
    void separate(std::string name, const py::array& tiles, int distance) {
        add<level::Separation>(std::move(name), copy_set(tiles), rules_.tiles(), distance);
    }
    void never(std::string name, const py::array& pattern) {
        const std::vector<std::uint8_t> flags =
            copy_shaped<std::uint8_t>(pattern, {-1, -1, rules_.tiles()}, "LevelSolver.never(): pattern");
        std::vector<TileSet> sets;
        for (auto first = flags.begin(); first != flags.end(); first += rules_.tiles()) {
            sets.push_back(set_of(&*first));
        }
        add<level::Never>(std::move(name), std::move(sets), rules_.tiles(),
                          static_cast<int>(pattern.shape(0)), static_cast<int>(pattern.shape(1)));
    }
    void connect(std::string name, const py::array& tiles, const py::array& cells) {
        add<level::Connected>(std::move(name), copy_set(tiles), rules_.tiles(), copy_cells(cells));
    }

    py::tuple solve(std::uint64_t seed, std::int64_t max_steps, double seconds) {
        level::Solution solution{};
        without_gil([&](Interrupt& interrupt) {
            level::Limits limits(seconds, &interrupt);
            solution = solver_.solve(seed, max_steps, limits);
        });
        py::object map = py::none();
        if (solution.outcome == Outcome::decided) {
            py::array_t<std::int32_t> tiles({grid_.height, grid_.width});
            std::copy(solution.tiles.begin(), solution.tiles.end(), tiles.mutable_data());
            map = std::move(tiles);
        }
        return py::make_tuple(name_of(solution.outcome), map, solution.steps, solution.conflicts,
                              solution.names, solution.by_adjacency);
    }

  private:
    template <typename Kind, typename... Arguments>
    void add(Arguments&&... arguments) {
        constraints_.push_back(std::make_unique<Kind>(std::forward<Arguments>(arguments)...));
    }

    TileSet set_of(const std::uint8_t* flags) const {
        TileSet set(rules_.words(), 0);
        for (int tile = 0; tile < rules_.tiles(); ++tile) {
            if (flags[tile]) {
                level::insert(set.data(), tile);
            }
        }
        return set;
    }

    TileSet copy_set(const py::array& tiles) const {
        return set_of(copy_shaped<std::uint8_t>(tiles, {rules_.tiles()}, "LevelSolver: tiles").data());
    }

    std::vector<std::int32_t> copy_cells(const py::array& cells) const {
        std::vector<std::int32_t> numbers = copy_array<std::int32_t>(cells, 1, "LevelSolver: cells");
        for (const std::int32_t cell : numbers) {
            if (cell < 0 || cell >= grid_.cells()) {
                throw std::invalid_argument("LevelSolver: cells must be 0.." +
                                            std::to_string(grid_.cells() - 1) + ", not " +
                                            std::to_string(cell));
            }
        }
        return numbers;
    }

    level::Rules rules_;
    level::Grid grid_;
    std::vector<std::uint8_t> zones_;
    std::vector<std::unique_ptr<level::Constraint>> constraints_;
    level::Solver solver_;
};

}  // namespace

void bind_level(py::module_& m) {
    py::class_<LevelSolver>(m, "LevelSolver")
        .def(py::init<const py::array&, const py::array&, int, int, bool, const std::optional<py::array>&>(),
             py::arg("weights"), py::arg("allowed"), py::arg("height"), py::arg("width"),
             py::arg("periodic") = false, py::arg("zones") = py::none())
        .def("allow", &LevelSolver::allow, py::arg("name"), py::arg("tiles"), py::arg("cells"))
        .def("count", &LevelSolver::count, py::arg("name"), py::arg("tiles"), py::arg("least"),
             py::arg("most"))
        .def("separate", &LevelSolver::separate, py::arg("name"), py::arg("tiles"), py::arg("distance"))
        .def("never", &LevelSolver::never, py::arg("name"), py::arg("pattern"))
        .def("connect", &LevelSolver::connect, py::arg("name"), py::arg("tiles"), py::arg("cells"))
        .def("solve", &LevelSolver::solve, py::arg("seed"), py::arg("max_steps"), py::arg("seconds") = -1.0);
}

}  // namespace tilewright
