#include "gateway/cli/token.hpp"

namespace kwikgate::gateway::cli {

void add_token(Command app, Session& session) {
    Command token = app.add_command("token", "Create, list, change and move access tokens");
    token.require_command();
    add_token_create(token, session);
    add_token_list(token, session);
    add_token_show(token, session);
    add_token_update(token, session);
    add_token_status(token, session);
    add_token_rotate(token, session);
    add_token_delete(token, session);
    add_token_review(token, session);
    add_token_import(token, session);
    add_token_export(token, session);
}

void add_token_argument(Command sub, std::string& token) {
    sub.add_option("token", token, "Id (tok_...) or whole API_KEY").required();
}

}  // namespace kwikgate::gateway::cli
