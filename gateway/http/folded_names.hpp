#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "auth/request_view.hpp"

/// Field names as an upstream may fold them. CGI and its imitators write a name in one case and
/// turn every character but letters and digits into one: for them `X-Amount`, `x_amount` and
/// `X.Amount` are one field. **Spec**: RFC 3875, 4.1.18.
namespace kwikgate::gateway::http {

/// `prefix` in lower case, with hyphens.
bool folds_to_prefix(std::string_view name, std::string_view prefix);
bool folds_to(std::string_view name, std::string_view folded);

/// Only letters, digits and hyphens, as nearly all names: folding does not change it.
bool is_plain_name(std::string_view name);

/// The known name that `name` is not spelled as but folds to; else `other`.
auth::FieldName known_by_folding(std::string_view name);

/// True when two of the fields have different names that an upstream may take for one, and the
/// upstream would get both. Fields that the gateway itself consumes, sets or withholds cannot be
/// shadowed. Names that are all plain have no twins, so a request without any other name need not
/// be asked about. **Cost**: the names once, and a sort of their hashes; no allocation.
bool has_twins(std::span<const auth::FieldLine> fields);

}  // namespace kwikgate::gateway::http
