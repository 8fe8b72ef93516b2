#include <atomic>
#include <memory>

#include "gateway/cli/ndjson.hpp"
#include "gateway/cli/open_store.hpp"
#include "gateway/cli/private_file.hpp"
#include "gateway/cli/progress.hpp"
#include "gateway/cli/token.hpp"

namespace kwikgate::gateway::cli {
namespace {

constexpr std::size_t kFlushBytes = 256 * 1024;

struct Flags {
    StoreFlags store;
    std::string output;
    bool sealed = false;
};

CliResult<void> write_out(std::optional<PrivateFile>& file, std::string& text) {
    CliResult<void> wrote = file ? file->write(text) : print(text);
    text.clear();
    return wrote;
}

CliResult<void> export_tokens(const Flags& flags) {
    const auto view = StoreView::open(flags.store);
    if (view.has_error()) return view.error();
    std::optional<PrivateFile> file;
    if (!flags.output.empty()) {
        auto created = PrivateFile::create(flags.output);
        if (created.has_error()) return created.error();
        file.emplace(std::move(*created));
    }
    std::string text;
    CliResult<void> wrote;
    std::size_t corrupt = 0;
    std::atomic<std::size_t> count{0};
    std::optional<Progress> progress;
    if (file) progress.emplace([&count] { return std::to_string(count) + " tokens written"; });
    const auto walked = (*view)->snapshot().for_each_token(
        {},
        [&](const store::TokenView& token) {
            text += export_line(token.to_record(), (*view)->sections(), flags.sealed) + "\n";
            count.fetch_add(1, std::memory_order_relaxed);
            if (text.size() >= kFlushBytes) wrote = write_out(file, text);
            return wrote.has_value();
        },
        [&](std::string_view) { ++corrupt; });
    progress.reset();
    if (walked.has_error()) return failed("cannot read the tokens", walked.error());
    if (wrote.has_value()) wrote = write_out(file, text);
    if (wrote.has_error()) return wrote;
    if (corrupt > 0) {
        return failed(std::to_string(corrupt) +
                      " records cannot be read; see 'kwikgate store verify'");
    }
    return file ? file->finish() : CliResult<void>();
}

}  // namespace

void add_token_export(Command token, Session& session) {
    Command sub = token.add_command("export", "Export all tokens as NDJSON, without secrets");
    const auto flags = std::make_shared<Flags>();
    add_store_flags(sub, flags->store, false);
    sub.add_flag("--sealed", flags->sealed,
                 "Include ids, keys and sealed secrets, to import under the same master key");
    sub.add_option("--output", flags->output, "Write to this new file (0600)").option_text("FILE");
    on_run(sub, session, [flags] { return export_tokens(*flags); });
}

}  // namespace kwikgate::gateway::cli
