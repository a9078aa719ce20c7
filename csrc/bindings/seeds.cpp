#include "core/seeds.h"

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "bindings/arrays.h"
#include "bindings/bindings.h"
#include "core/philox.h"

namespace py = pybind11;

namespace tilewright {
namespace {

py::array_t<std::int8_t> draw_latents_array(std::uint64_t seed, std::uint64_t start, std::size_t count,
                                            std::size_t size, const py::array& table) {
    const LatentTable quantiles = copy_latent_table(table, "draw_latents(): table");
    py::array_t<std::int8_t> latents({count, size});
    std::int8_t* row = latents.mutable_data();
    for (std::size_t i = 0; i < count; ++i, row += size) {
        draw_latents(seed, start + i, quantiles, 0, size, row);
    }
    return latents;
}

py::array_t<std::int32_t> draw_kinds_array(std::uint64_t seed, std::uint64_t start, std::size_t count,
                                           std::int32_t kinds) {
    if (kinds < 1) {
        throw std::invalid_argument("draw_kinds(): kinds must be 1 or more, not " + std::to_string(kinds));
    }
    py::array_t<std::int32_t> drawn(static_cast<py::ssize_t>(count));
    std::int32_t* kind = drawn.mutable_data();
    for (std::size_t i = 0; i < count; ++i) {
        kind[i] = draw_kind(seed, start + i, kinds);
    }
    return drawn;
}

}  // namespace

void bind_seeds(py::module_& m) {
    m.def("philox", &philox, py::arg("counter"), py::arg("key"));
    m.def("draw_latents", &draw_latents_array, py::arg("seed"), py::arg("start"), py::arg("count"),
          py::arg("size"), py::arg("table"));
    m.def("draw_kinds", &draw_kinds_array, py::arg("seed"), py::arg("start"), py::arg("count"),
          py::arg("kinds"));
}

}  // namespace tilewright
