#include "gateway/admin/health_api.hpp"

#include "gateway/admin/status_api.hpp"

namespace kwikgate::gateway::admin {

HealthApi::HealthApi(const Services& services, bool serves_metrics)
    : services_(services), reader_(make_reader(services.store)), serves_metrics_(serves_metrics) {}

AdminResponse HealthApi::handle(const AdminRequest& request) {
    const std::string_view target = request.target;
    const std::string_view path = target.substr(0, target.find('?'));
    const bool is_metrics = path == "/metrics" && serves_metrics_;
    if (path != "/healthz" && path != "/readyz" && !is_metrics)
        return problem(404, "not_found", "There is no such path.");
    if (request.method != "GET" && request.method != "HEAD") {
        AdminResponse response = problem(405, "method_not_allowed", "This path has other methods.");
        response.set("Allow", "GET");
        return response;
    }
    AdminResponse response = is_metrics          ? show_metrics(services_)
                             : path == "/readyz" ? readyz(services_, reader_)
                                                 : healthz();
    response.set("Cache-Control", "no-store");
    return response;
}

}  // namespace kwikgate::gateway::admin
