#include "backends.h"

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <string>
#include <utility>
#include <vector>

#include "bindings/bindings.h"
#include "core/cuda_devices.h"

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

// Starting the CUDA runtime takes a while; other Python threads need not wait for it.
CudaDiscovery discover_without_gil() {
    const py::gil_scoped_release release;
    return discover_cuda();
}

}  // namespace

void bind_backends(py::module_& m) {
    py::class_<CudaDevice>(m, "CudaDevice")
        .def_readonly("index", &CudaDevice::index)
        .def_readonly("name", &CudaDevice::name)
        .def_property_readonly(
            "compute_capability",
            [](const CudaDevice& device) { return std::make_pair(device.major, device.minor); })
        .def_readonly("memory_bytes", &CudaDevice::memory_bytes);
    m.def("backends", &backend_names);
    m.def(
        "measure_peak",
        [](const std::string& backend) {
            const py::gil_scoped_release release;
            return choose_backend(backend).measure_peak();
        },
        py::arg("backend"));
    m.def("cuda_devices", [] { return discover_without_gil().devices; });
    m.def("cuda_unavailable_reason", [] { return discover_without_gil().unavailable_reason; });
}

}  // namespace tilewright
