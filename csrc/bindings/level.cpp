#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "bindings/arrays.h"
#include "bindings/bindings.h"
#include "bindings/gil.h"
#include "level/solver.h"

namespace py = pybind11;

namespace tilewright {
namespace {

using level::Resolution;

level::Rules copy_rules(const py::array& weights, const py::array& allowed) {
    level::Rules rules;
    rules.weights = copy_array<std::int32_t>(weights, 1, "solve(): weights");
    const std::vector<std::uint8_t> both = copy_array<std::uint8_t>(allowed, 3, "solve(): allowed");
    const auto patterns = static_cast<py::ssize_t>(rules.weights.size());
    if (allowed.shape(0) != 2 || allowed.shape(1) != patterns || allowed.shape(2) != patterns)
        throw std::invalid_argument("solve(): allowed must have the shape (2, T, T) with T = " +
                                    std::to_string(patterns) + ", not " + describe(allowed));
    const auto half = both.begin() + static_cast<std::ptrdiff_t>(both.size() / 2);
    rules.right.assign(both.begin(), half);
    rules.below.assign(half, both.end());
    return rules;
}

py::tuple solve(const py::array& weights, const py::array& allowed, int height, int width, bool periodic,
                std::uint64_t seed, const std::optional<py::array>& domains, std::uint32_t first_attempt,
                int attempts) {
    const level::Rules rules = copy_rules(weights, allowed);
    std::vector<std::uint8_t> possible;
    if (domains) {
        possible = copy_array<std::uint8_t>(*domains, 3, "solve(): domains");
        if (domains->shape(0) != height || domains->shape(1) != width ||
            domains->shape(2) != static_cast<py::ssize_t>(rules.weights.size()))
            throw std::invalid_argument("solve(): domains must have the shape (height, width, T), not " +
                                        describe(*domains));
    }
    if (attempts < 1)
        throw std::invalid_argument("solve(): attempts must be 1 or more, not " + std::to_string(attempts));
    Resolution resolution{};
    std::vector<std::int32_t> patterns;
    without_gil([&](Interrupt& interrupt) {
        level::Solver solver(rules, {height, width, periodic}, possible, &interrupt);
        resolution = solver.run(seed, first_attempt, attempts);
        if (resolution == Resolution::decided) patterns = solver.decided();
    });
    if (resolution == Resolution::contradiction) return py::make_tuple("contradiction", py::none());
    py::array_t<std::int32_t> map({height, width});
    std::copy(patterns.begin(), patterns.end(), map.mutable_data());
    return py::make_tuple("decided", std::move(map));
}

}  // namespace

void bind_level(py::module_& m) {
    m.def("solve", &solve, py::arg("weights"), py::arg("allowed"), py::arg("height"), py::arg("width"),
          py::arg("periodic"), py::arg("seed"), py::arg("domains") = py::none(), py::arg("first_attempt") = 0,
          py::arg("attempts") = 1);
}

}  // namespace tilewright
