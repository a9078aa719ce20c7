#include "backends.h"

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <string>
#include <vector>

#include "bindings/bindings.h"

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
        "measure_peak",
        [](const std::string& backend) {
            const py::gil_scoped_release release;
            return choose_backend(backend).measure_peak();
        },
        py::arg("backend"));
}

}  // namespace tilewright
