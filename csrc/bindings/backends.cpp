#include "backends.h"

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <optional>
#include <string>
#include <vector>

#include "bindings/bindings.h"
#include "bindings/gil.h"

namespace py = pybind11;

namespace tilewright {
namespace {

std::vector<std::string> backend_names() {
    std::vector<std::string> names;
    for (const Backend* backend : backends()) {
        names.emplace_back(backend->name());
    }
    return names;
}

}  // namespace

void bind_backends(py::module_& m) {
    m.def("backends", &backend_names);
    m.def(
        "exchange_float_mode",
        [](std::optional<FloatMode> mode) {
            const FloatMode before = float_mode();
            set_float_mode(mode.value_or(kDefaultFloatMode));
            return before;
        },
        py::arg("mode") = py::none());
    m.def(
        "measure_peak",
        [](const std::string& backend) {
            double peak = 0;
            without_gil([&](Interrupt&) { peak = choose_backend(backend).measure_peak(); });
            return peak;
        },
        py::arg("backend"));
}

}  // namespace tilewright
