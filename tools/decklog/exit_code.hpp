// The exit codes that scripts rely on (docs/runbook.md).
#pragma once

namespace decklog::cli {

inline constexpr int kOk = 0;
inline constexpr int kFailed = 1;  // failed or refused
inline constexpr int kHold = 2;    // verdicts of `gate`, beside 0 for promote
inline constexpr int kRollback = 3;
inline constexpr int kContinue = 4;
inline constexpr int kUsage = 64;
inline constexpr int kUnreachable = 69;  // server or broker
inline constexpr int kConfig = 78;       // bad configuration, or data of another format

}  // namespace decklog::cli
