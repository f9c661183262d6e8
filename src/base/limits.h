// SPDX-License-Identifier: Apache-2.0
// Every limit of the project, with its reason. A limit that is not here does not exist.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tally {

inline constexpr std::size_t kKiB = 1024;
inline constexpr std::size_t kMiB = 1024 * kKiB;

// Log
// -----------------------------------------------------------------------------------------------
/// One line without its LF. An encrypted envelope of it (base64, keys) must still fit the 65,535
/// bytes that a C2SP entry bundle allows.
inline constexpr std::size_t kEntryBytesMax = 48'000;
/// Entries and bytes of one commit: enough that the sync is a small share, small enough that a
/// waiter is served within milliseconds.
inline constexpr std::size_t kCommitEntriesMax = 4096;
inline constexpr std::size_t kCommitBytesMax = 4 * kMiB;
/// Lines of a commit are written in pieces of this size: the device takes one while the next is
/// hashed.
inline constexpr std::size_t kWritePieceBytes = 256 * kKiB;
/// Bytes waiting for the writer thread of one process; full means refuse, never grow.
inline constexpr std::size_t kQueueBytesMax = 8 * kMiB;
inline constexpr std::size_t kQueueEntriesMax = 16'384;
/// Items and texts of entries that are committed are used again: made by one thread and freed by
/// another they cost more than everything else on the way through the queue. So many are kept, of
/// so many bytes each and all together: what a busy proxy records in kFlushInterval.
inline constexpr std::size_t kSpareItemsMax = 4096;
inline constexpr std::size_t kSpareItemBytesMax = 4 * kKiB;
inline constexpr std::size_t kSpareBytesMax = 6 * kMiB;
/// How much room a commit leaves behind its lines when it makes the segment longer: as much as
/// `kRoomCommits` commits of its size need, between these, written in one go (decision 0021).
inline constexpr std::uint64_t kRoomCommits = 16;
inline constexpr std::size_t kRoomBytes = 64 * kKiB;
inline constexpr std::size_t kRoomBytesMax = 512 * kKiB;
/// Larger commits leave none: writing their bytes twice takes as long as what it saves.
inline constexpr std::uint64_t kRoomCommitBytesMax = 64 * kKiB;
/// Commits that a process makes before it leaves room: one that appends a line and ends need not.
inline constexpr std::uint64_t kRoomAfterCommits = 8;
/// A segment is rolled before a batch once it has this size: small enough to compress and ship as
/// one piece, large enough that a year of a busy gateway is thousands of files, not millions.
inline constexpr std::uint64_t kSegmentBytesDefault = 64 * kMiB;
/// How long a caller waits for the log's lock before it is told who holds it.
inline constexpr std::chrono::milliseconds kLockWait{5'000};
/// How long a batch that is written waits for the commit before it to become durable, before it is
/// taken back and tried again: callers can only give up in between, and a slow disk may need this
/// long for a sync.
inline constexpr std::chrono::milliseconds kHeadWait{1'000};
/// How often a growing log is signed.
inline constexpr std::chrono::milliseconds kCheckpointInterval{1'000};
/// A log that grows faster is signed earlier: what is read back for it is still in memory, and
/// little is left to do at the end.
inline constexpr std::uint64_t kCheckpointBytes = 64 * kMiB;
/// At most one kept checkpoint in this time, beside those at segment roll, close and request.
inline constexpr std::chrono::hours kCheckpointKeepInterval{1};
/// log.json, checkpoint, key files: read whole, so bounded.
inline constexpr std::size_t kSmallFileBytesMax = 64 * kKiB;
/// Signatures that a note may carry (C2SP signed-note: verifiers must accept at least 16).
inline constexpr std::size_t kNoteSignaturesMax = 64;
/// Origin line and key name.
inline constexpr std::size_t kOriginBytesMax = 255;
/// A proof file: an entry of the largest size as extra data, the hashes and a signed checkpoint
/// fit.
inline constexpr std::size_t kProofFileBytesMax = 256 * kKiB;
/// Hashes of one proof: a tree that 64 bits can count is at most 64 high.
inline constexpr std::size_t kProofHashesMax = 64;

// JSON
// ----------------------------------------------------------------------------------------------
/// Nesting of any JSON we accept: deeper is an attack on recursive readers, not data.
inline constexpr std::size_t kJsonDepthMax = 128;

// Events
// --------------------------------------------------------------------------------------------
inline constexpr std::size_t kArgumentsBytesMax =
    16 * kKiB;  ///< contract: above, a digest stands in
inline constexpr std::size_t kResultPreviewBytesMax = 4 * kKiB;  ///< contract
inline constexpr std::size_t kFieldBytesMax = 4 * kKiB;          ///< contract: every other field
inline constexpr std::size_t kErrorMessageBytesMax =
    2 * kKiB;  ///< for people; the rest adds nothing
/// A JSON payload up to this is redacted and digested as a whole. Of a larger one only the start is
/// looked through, for the preview, and its digest is keyed, because what the rest holds is not
/// known: redaction needs several copies, and `wrap` holds a line of kMessageBytesMax beside them.
inline constexpr std::size_t kWholePayloadBytesMax = 512 * kKiB;
/// The start of a larger one, and of one text in it: far more than a preview shows, so that a
/// secret that starts in the preview is seen to its end.
inline constexpr std::size_t kPayloadStartBytes = 64 * kKiB;
inline constexpr std::size_t kTextStartBytes = 16 * kKiB;
/// Findings listed in one event; more would crowd out the event, and the mask itself shows where
/// they were.
inline constexpr std::size_t kRedactionsMax = 64;
/// A query expression: longer ones are generated, and then a program should filter what export
/// gives it.
inline constexpr std::size_t kExpressionBytesMax = 4 * kKiB;
inline constexpr std::size_t kExpressionTermsMax = 128;

// MCP
// -----------------------------------------------------------------------------------------------
inline constexpr std::size_t kPendingMax = 100'000;      ///< contract: open requests in one process
inline constexpr std::chrono::hours kPendingAgeMax{24};  ///< contract
/// One message that we inspect; a longer one is still relayed and recorded by size and digest.
inline constexpr std::size_t kMessageBytesMax = 16 * kMiB;
/// Elements of one JSON-RPC batch: each may become three records, made at once.
inline constexpr std::size_t kBatchMessagesMax = 500;
inline constexpr std::size_t kToolsMax = 10'000;  ///< tool definitions remembered per server
/// What open requests may hold in memory in one process (arguments wait for the completed record);
/// the oldest is closed as unknown when it is more. Leaves `wrap` room within its 32 MiB.
inline constexpr std::size_t kPendingBytesMax = 8 * kMiB;
/// How long the response to a cancelled request may still come before the request counts as
/// cancelled.
inline constexpr std::chrono::seconds kCancelGrace{30};
/// Method, tool name, task id: what is looked at of one. One more than is kept anywhere, so that a
/// longer one is never taken for a known one.
inline constexpr std::size_t kNameBytesSeen = kFieldBytesMax + 1;
/// Payloads in the records of one batch; the elements behind get digests in their place, or a
/// thousand of them would be copied at once.
inline constexpr std::size_t kBatchPayloadBytesMax = 256 * kKiB;
/// Links from taskId and requestState to their chain; a forgotten one costs a flow_id, never a
/// record.
inline constexpr std::size_t kFlowLinksMax = 10'000;
/// Names and digests of the tool definitions in one record of a list: about 150 of them. More than
/// another field may have, because a definition that is not there cannot be compared in the next
/// session.
inline constexpr std::size_t kDefinitionsBytesMax = 16 * kKiB;
/// How far back in the log, and for how long, the last list of a server that an earlier process
/// recorded is looked for. It happens once per session, beside the traffic: 200,000 entries are
/// some 100 MiB, read in a tenth of a second.
inline constexpr std::uint64_t kDefinitionsLookback = 200'000;
inline constexpr std::chrono::milliseconds kDefinitionsLookbackTime{2'000};
/// At the end of a session that was shorter than that.
inline constexpr std::chrono::milliseconds kDefinitionsLookbackAtEnd{300};
/// `serve` looks for the lists of several principals at once, so many wait at a time, some 500
/// bytes each; of those whose identity nobody checked fewer, because anybody can make up names.
inline constexpr std::size_t kLookupsWaitingMax = 64;
inline constexpr std::size_t kUnverifiedLookupsMax = 16;
/// Who is remembered as looked for, 8 bytes each, of the two kinds apart; the oldest is forgotten
/// first, and at worst told a change twice.
inline constexpr std::size_t kLookupsRememberedMax = 4'096;
/// After a read of the log nobody reads it again for so many times as long as it took.
inline constexpr int kLookupPauseFactor = 4;
/// Text of tool definitions kept to show what changed; beyond it only digests are compared.
inline constexpr std::size_t kToolTextBytesMax = 2 * kMiB;

// MCP over HTTP
// -------------------------------------------------------------------------------------
/// Sessions remembered in front of one server, the least recently used is forgotten first (its
/// requests keep their records): some 500 bytes each.
inline constexpr std::size_t kHttpSessionsMax = 20'000;
/// Principals told apart in one session; that there were two is what matters.
inline constexpr std::size_t kSessionPrincipalsMax = 8;
/// Tokens whose claims are remembered, so that a token is decoded once; one costs about 1 KiB.
inline constexpr std::size_t kTokenCacheMax = 4'096;
/// A token or header value with claims; longer ones are only hashed. Servers refuse heads above
/// 8 to 64 KiB.
inline constexpr std::size_t kTokenBytesMax = 16 * kKiB;
/// Claims or forwarded elements of one request that are looked at, and links of an `act` chain.
inline constexpr std::size_t kForwardedMax = 64;
inline constexpr std::size_t kActChainMax = 8;
/// Credentials of which the server is remembered where they were seen first.
inline constexpr std::size_t kCredentialsMax = 20'000;
/// Principals of whom the tool definitions last served are remembered, tools of each, and text of
/// these definitions: together at most 64 MiB for a hostile server and 256 hostile users.
inline constexpr std::size_t kToolPrincipalsMax = 256;
inline constexpr std::size_t kToolsPerPrincipalMax = 2'000;
inline constexpr std::size_t kToolTextPerPrincipalMax = 128 * kKiB;
/// Events of resumable streams that are remembered, so that a replay is not recorded twice.
inline constexpr std::size_t kReplayEventsMax = 65'536;
/// How long the outcome of a request whose stream was lost may still come on another one
/// (2025-11-25 and before: a disconnect is no cancellation). Clients resume within seconds; tools
/// that are polled for take minutes.
inline constexpr std::chrono::minutes kResumeGrace{10};
/// A request target or path in a record; longer ones are cut.
inline constexpr std::size_t kTargetBytesMax = 2 * kKiB;
/// clientCapabilities of a request that are kept to be compared with what is asked back; clients
/// send some 100 bytes. Of longer ones nothing is said.
inline constexpr std::size_t kClientCapabilitiesBytesMax = 2 * kKiB;
/// Authorization metadata of one upstream that is compared with what was served before: documents,
/// and members of one; an issuer has a handful of documents of some 30 members.
inline constexpr std::size_t kMetadataDocumentsMax = 64;
inline constexpr std::size_t kMetadataMembersMax = 128;
/// Unsafe places that were told of, for one upstream, and unsafe addresses of one document: the
/// first few say what kind of a document it is.
inline constexpr std::size_t kUnsafePlacesMax = 64;
inline constexpr std::size_t kUnsafeAddressesMax = 16;
/// Such a document that is read; those of the largest issuers have some 100 KiB. Of a longer one
/// only its size is recorded.
inline constexpr std::size_t kMetadataBytesMax = 8 * kMiB;
/// Arguments of one tool that HTTP headers repeat (x-mcp-header); a request has room for some 100
/// headers.
inline constexpr std::size_t kParamHeadersMax = 64;
/// Names of tools of all upstreams together that are compared: some 150 bytes each. A name that
/// comes when there is no room is not told as shadowed.
inline constexpr std::size_t kToolNamesMax = 20'000;
/// Tasks that one principal asked for and that are not there, until it counts as probing: a client
/// that comes late to its own, which the server dropped, asks for a few. Principals watched: some
/// 200 bytes each, the one whose window began first is forgotten first.
inline constexpr std::size_t kTaskMissesMax = 10;
inline constexpr std::chrono::minutes kTaskMissWindow{10};
inline constexpr std::size_t kTaskMissPrincipalsMax = 1'024;

// Requests that are not MCP
// ---------------------------------------------------------------------------------
/// Rows of one table of audited paths, and bytes of one pattern: ContextForge needs some 120 rows.
inline constexpr std::size_t kPathRulesMax = 1'000;
inline constexpr std::size_t kPathPatternBytesMax = 512;
/// An id taken from a path; longer ones are cut. URIs of resources are the longest.
inline constexpr std::size_t kObjectIdBytesMax = 512;
/// A response that is read for the objects in it: the pages of gateways have at most 500 of them,
/// some 2 KiB each. Reading one takes a few milliseconds of the loop. A longer one teaches nothing.
inline constexpr std::size_t kObjectBodyBytesMax = 1 * kMiB;
inline constexpr std::size_t kObjectsPerListMax = 1'000;
/// One object as it is remembered and recorded, redacted: old and new values, the request's body
/// and what else an entry says fit into kEntryBytesMax. What does not fit is kept by digest.
inline constexpr std::size_t kObjectBytesMax = 10 * kKiB;
inline constexpr std::size_t kObjectMembersMax = 128;
/// Objects of one upstream that are remembered; the one not seen for longest goes first. A change
/// of a forgotten one is recorded without its old values.
inline constexpr std::size_t kObjectsMax = 10'000;
inline constexpr std::size_t kObjectMemoryBytesMax = 16 * kMiB;
/// Changes of objects that are not known, of which it is remembered when they were: a response that
/// is older teaches nothing. At a thousand of them a second, responses may take a second.
inline constexpr std::size_t kObjectChangesMax = 1'024;

// Wrap
// ----------------------------------------------------------------------------------------------
/// How long a held call waits for its record before it is refused (contract 3).
inline constexpr std::chrono::milliseconds kWriteTimeout{5'000};
/// How long a completion record may wait for room in the queue before it is a gap (contract 3).
inline constexpr std::chrono::milliseconds kGapWait{250};
/// Longest wait of records that nobody waits for before they are committed.
inline constexpr std::chrono::milliseconds kFlushInterval{100};
/// Read from one side at once: what a pipe holds (Linux), so a full one is emptied by one call.
inline constexpr std::size_t kRelayChunkBytes = 64 * kKiB;
/// A line above this needs the wrapper's one place for large lines: two of kMessageBytesMax at once
/// would not fit its 32 MiB. Without the place it is treated as oversize.
inline constexpr std::size_t kLineBytesShared = 2 * kMiB;
/// Refusals waiting for the server to end its line; a client that is refused more has to wait too.
inline constexpr std::size_t kRepliesBytesMax = 64 * kKiB;
/// Read from the server after the client has gone: results of calls under way, not endless chatter.
inline constexpr std::size_t kUndeliveredBytesMax = 1 * kMiB;
/// When the client has gone: from the end of its input to SIGTERM, and from there to SIGKILL (MCP,
/// stdio shutdown; the values of the official TypeScript SDK).
inline constexpr std::chrono::milliseconds kServerCloseGrace{2'000};
inline constexpr std::chrono::milliseconds kServerTermGrace{2'000};
/// From the server's exit, after a signal or without a client, until output that something else
/// keeps open is given up. Below the 2 s after which SDK clients kill us.
inline constexpr std::chrono::milliseconds kOutputDrainWait{1'000};

// HTTP
// ----------------------------------------------------------------------------------------------
/// One head, start line included (contract 4). More than any server in use takes, so that the
/// upstream and not the proxy decides what is too large.
inline constexpr std::size_t kHttpHeadBytesMax = 64 * kKiB;
/// Field lines of one head. Below the number from which servers drop the rest silently (Node:
/// 2,000), which would run another request than the recorded one; browsers send some 30.
inline constexpr std::size_t kHttpFieldsMax = 256;
/// The longest registered method has 17 characters.
inline constexpr std::size_t kHttpMethodBytesMax = 32;
/// Fields after a chunked body: checksums and status words, nothing larger is known.
inline constexpr std::size_t kHttpTrailerBytesMax = 16 * kKiB;
inline constexpr std::size_t kHttpTrailersMax = 64;
/// Chunk extensions of one body together; nobody uses them but for wasting a receiver's time
/// (the value that Node chose after CVE-2024-22019).
inline constexpr std::size_t kChunkExtensionBytesMax = 16 * kKiB;
/// Content codings stacked on one body; two are rare, more are a way to hide.
inline constexpr std::size_t kContentCodingsMax = 4;
/// Decoded body, when the caller names no other cap: what we inspect of one message.
inline constexpr std::size_t kDecodedBytesMax = 16 * kMiB;
/// Fields `event` and `id` of one server-sent event; longer ones are cut in records only.
inline constexpr std::size_t kStreamFieldBytesMax = 4 * kKiB;
/// Parameters of one query or form that a record lists.
inline constexpr std::size_t kQueryParametersMax = 256;
/// Start of a stream of HTTP+SSE that is held until its first event is whole, because that may name
/// an address (MCP 2024-11-05): addresses are a hundred bytes, and a longer event is something
/// else.
inline constexpr std::size_t kEndpointEventBytesMax = 8 * kKiB;

// Network
// -------------------------------------------------------------------------------------------
/// Connecting to one address, TLS included: several lost SYNs fit, and the next address gets its
/// turn while the client still waits.
inline constexpr std::chrono::milliseconds kConnectAddressWait{5'000};
/// All addresses of a name together, with finding them.
inline constexpr std::chrono::milliseconds kConnectWait{15'000};

// Proxy
// ---------------------------------------------------------------------------------------------
/// Bytes waiting for a connection: above the first its other side is not read any more, below the
/// second it is again. What a slow reader can make us hold, times two for each exchange.
inline constexpr std::size_t kOutboxHigh = 256 * kKiB;
inline constexpr std::size_t kOutboxLow = 64 * kKiB;
/// Requests that a client sent ahead, and bytes of a body that its upstream does not take yet.
inline constexpr std::size_t kReadAheadBytes = 64 * kKiB;
/// Records between a loop and the log: what a loop makes in a second at full speed, so that the
/// wait for a slow disk ends in the log's own queue first.
inline constexpr std::size_t kJournalItemsMax = 32'768;
inline constexpr std::size_t kJournalBytesMax = 32 * kMiB;
/// A loop looks for events for so long before it goes to sleep: being put to sleep and woken takes
/// as long (decision 0025). If its last waits were short, which is with the time to be woken, and
/// brought at most so many events: with more under way, sleeping gathers what is done together.
inline constexpr std::chrono::microseconds kLookTime{50};
inline constexpr std::chrono::microseconds kShortWait{150};
inline constexpr std::size_t kLookEvents = 2;
/// Between two looks somebody else had the processor for this long: then others want it, and for
/// so long, from the least to the most, a loop goes to sleep at once.
inline constexpr std::chrono::milliseconds kLookGap{1};
inline constexpr std::chrono::milliseconds kLookRestMin{4};
inline constexpr std::chrono::milliseconds kLookRestMax{1'000};
/// Idle connections kept for one upstream; more than run at once are of no use.
inline constexpr std::size_t kUpstreamIdleMax = 256;
/// A client that does not take a byte of its response in this time has left.
inline constexpr std::chrono::milliseconds kClientStall{60'000};
/// How long what a client still sends is read and dropped after the last answer, so that the answer
/// is not lost with a reset.
inline constexpr std::chrono::milliseconds kLinger{2'000};
/// Read at once from one side of a tunnel, and passed on before more is read.
inline constexpr std::size_t kTunnelReadsPerTurn = 4;
/// Loops that serve client connections, at most: what they share, the recorder of an upstream and
/// the log, keeps more of them waiting for each other.
inline constexpr std::size_t kProxyLoopsMax = 8;

// Spool
// ---------------------------------------------------------------------------------------------
/// Records of the spool that go into the log at once: one commit, then what is done is noted.
inline constexpr std::size_t kSpoolBatchRecords = 256;
/// How often a spool that is added to is synced, at most: what a power cut may take of records
/// that nobody waits for.
inline constexpr std::chrono::milliseconds kSpoolSyncInterval{200};
/// How long a replay may still go on when the process ends: clients kill within two seconds.
inline constexpr std::chrono::milliseconds kSpoolLastReplay{500};

// Follow
// --------------------------------------------------------------------------------------------
/// Lines and bytes that a consumer of the log is given at once: enough that finding the place again
/// costs nothing, little enough to stop and to count within a tenth of a second.
inline constexpr std::size_t kFollowLinesMax = 8'192;
inline constexpr std::size_t kFollowBytesMax = 4 * kMiB;

// Index
// ---------------------------------------------------------------------------------------------
/// Entries of one page, and bytes of their lines: what one answer may hold in memory. A page that
/// reaches the second is shorter, and has a next one.
inline constexpr std::size_t kPageEntriesMax = 1'000;
inline constexpr std::size_t kPageBytesMax = 8 * kMiB;
/// Entries that may be skipped by number; beyond, a cursor finds its place faster.
inline constexpr std::uint64_t kPageOffsetMax = 10'000;
/// Bars of one histogram: more than a screen has columns for.
inline constexpr std::size_t kHistogramBucketsMax = 2'000;
/// Bars of a histogram when nobody chose their width: as many as a small screen can show.
inline constexpr std::size_t kHistogramBarsUsual = 120;
/// Values of one facet that are listed, and different ones of which it counts (the rest counts as
/// others): bounds memory when every entry has a value of its own.
inline constexpr std::size_t kFacetValuesMax = 1'000;
inline constexpr std::size_t kFacetDistinctMax = 200'000;
/// How long a page counts what matches beyond it; then its total is a lower bound.
inline constexpr std::chrono::milliseconds kTotalTime{10};
/// How long a search reads lines from the log for what the index cannot answer, when the caller
/// names no other time; then it says how far it came.
inline constexpr std::chrono::milliseconds kSearchTime{2'000};

/// Values of one key of which statistics keep latencies: 15 KiB each.
inline constexpr std::size_t kMeasuredValuesMax = 256;

// Settings
// ------------------------------------------------------------------------------------------
/// A policy or settings file: thousands of rules fit; a larger one is not what was meant.
inline constexpr std::size_t kConfigFileBytesMax = 1 * kMiB;
/// Nesting and values of such a file: what people write is 5 deep; bounds the reader's memory, and
/// its time where keys are compared pairwise.
inline constexpr std::size_t kYamlDepthMax = 16;
inline constexpr std::size_t kYamlNodesMax = 20'000;
/// Problems of one file that are told: more are followed by the same slip, not found by it.
inline constexpr std::size_t kProblemsMax = 100;
/// Rules of one policy, patterns of one condition, bytes of one pattern: each message is compared
/// with them until one fits.
inline constexpr std::size_t kPolicyRulesMax = 1'000;
inline constexpr std::size_t kPolicyPatternsMax = 1'000;
inline constexpr std::size_t kPolicyPatternBytesMax = 256;
/// Listeners of one `serve`, and values of one setting that is a list.
inline constexpr std::size_t kProxiesMax = 256;
inline constexpr std::size_t kSettingValuesMax = 256;

// Access
// ---------------------------------------------------------------------------------------------
/// Tokens of one log, and the file they stand in: each request with a token is compared with all of
/// them.
inline constexpr std::size_t kTokensMax = 1'000;
inline constexpr std::size_t kTokenFileBytesMax = 8 * kMiB;
/// Servers that one token may be limited to, and the name of one.
inline constexpr std::size_t kScopeServersMax = 64;
inline constexpr std::size_t kScopeNameBytesMax = 256;
/// How long a token works after another process revoked it, at most (contract 5: within 1 s).
inline constexpr std::chrono::milliseconds kTokenReload{500};
/// Wrong tokens from one address in one window before it is told to wait; a token has 256 bits, so
/// what this saves is the log from being filled with refusals.
inline constexpr std::uint64_t kGuessesMax = 10;
inline constexpr std::chrono::seconds kGuessWindow{60};
/// Addresses that are counted; an attacker with more of them is not stopped by counting.
inline constexpr std::size_t kGuessAddressesMax = 10'000;

// API
// ------------------------------------------------------------------------------------------------
/// Client connections of the API; further ones wait to be accepted. Streams count.
inline constexpr std::size_t kApiConnectionsMax = 2'048;
/// How long a connection may be idle, take for a head, and stall within a body or an answer.
inline constexpr std::chrono::milliseconds kApiIdle{75'000};
inline constexpr std::chrono::milliseconds kApiHeadWait{15'000};
inline constexpr std::chrono::milliseconds kApiStall{30'000};
/// A whole body, however steadily it drips: 16 MiB at a megabit a second.
inline constexpr std::chrono::milliseconds kApiBodyWait{140'000};
/// One request body as sent, and decoded: ingest in batches of a few thousand events. More is 413.
inline constexpr std::size_t kApiBodyBytesMax = 16 * kMiB;
/// All request bodies that are held at one time; beyond it 503 with Retry-After.
inline constexpr std::size_t kApiBodiesBytesMax = 64 * kMiB;
/// All answers that wait for clients who read slowly; beyond it larger ones are 503.
inline constexpr std::size_t kApiAnswersBytesMax = 64 * kMiB;
/// Answers up to this are always given: what says that something is wrong must get through.
inline constexpr std::size_t kSmallAnswerBytes = 4 * kKiB;
/// Events of one request: their answers are held until all of them are durable.
inline constexpr std::size_t kIngestEventsMax = 50'000;
/// A body of one event up to this is checked on the loop: some microseconds.
inline constexpr std::size_t kIngestOnLoopBytes = 8 * kKiB;
/// Events of which a repetition is noticed (contract 6), 26 bytes each.
inline constexpr std::size_t kIdWindowEvents = 1'000'000;
/// How far back they are looked for in the log when the service starts.
inline constexpr std::chrono::hours kIdWindowAge{24};
/// Threads for work that may block (reading the log, large batches), and requests waiting for one;
/// beyond it 503 with Retry-After, before anything piles up.
inline constexpr unsigned kApiWorkersMin = 2;
inline constexpr unsigned kApiWorkersMax = 8;
inline constexpr std::size_t kApiQueueMax = 256;
/// A query parameter, and the path of a request.
inline constexpr std::size_t kApiParameterBytesMax = 4 * kKiB;
/// An answer from this size on is compressed when the client takes it: below, it fits one packet.
inline constexpr std::size_t kGzipBytesMin = 1 * kKiB;
/// What a command with --url waits: for a connection, and for the next byte (a stream has a sign of
/// life every 15 s); and the largest answer it holds, a page of kPageBytesMax with room.
inline constexpr std::chrono::milliseconds kRemoteConnectWait{10'000};
inline constexpr std::chrono::seconds kRemoteStall{60};
inline constexpr std::size_t kRemoteBodyBytesMax = 32 * kMiB;
/// How long tail -f waits before it connects again.
inline constexpr std::chrono::milliseconds kRemoteRetry{1'000};
/// Characters of a server's explanation that are shown.
inline constexpr std::size_t kRemoteDetailBytesMax = 1 * kKiB;
/// Streams of the log at one time; further ones are answered 503.
inline constexpr std::size_t kStreamClientsMax = 1'024;
/// What is made for one stream at a time, and not more before its client took it: 16 MiB for 1,024
/// clients that do not read. One longer entry is still sent.
inline constexpr std::size_t kStreamPieceBytes = 16 * kKiB;
/// What the kernel holds for one (it doubles this): clients that do not read would make it hold
/// megabytes each.
inline constexpr int kStreamSocketBytes = 32 * 1024;
/// The newest entries, ready to be sent: what comes in a tenth of a second at full speed. Who needs
/// older ones reads the log.
inline constexpr std::size_t kStreamRingBytes = 8 * kMiB;
/// Entries that the tail of the log takes at once: soon enough on their way to the clients.
inline constexpr std::size_t kStreamChunkLines = 1'024;
inline constexpr std::size_t kStreamChunkBytes = 1 * kMiB;
/// A stream that is behind and comes no nearer to the end in this time is told and dropped; it
/// resumes where it was.
inline constexpr std::chrono::milliseconds kStreamLagTime{30'000};
/// A comment line on a stream that is silent, so that both sides know the other one is there.
inline constexpr std::chrono::milliseconds kStreamHeartbeat{15'000};
/// One piece of an export: large enough that the loop has little to do, and short enough that other
/// work of the threads does not have to wait for it.
inline constexpr std::size_t kExportPieceBytes = 256 * kKiB;
/// Values of each list of statistics.
inline constexpr std::size_t kStatsValuesMax = 100;
inline constexpr std::chrono::milliseconds kExportPieceTime{20};
/// Exports at one time: each reads the whole log and holds about 2 MiB; and when those that found
/// no place are told to try again.
inline constexpr std::size_t kExportsMax = 16;
inline constexpr int kExportRetrySeconds = 10;
/// Identical reads and refusals within this time are one record and a count (contract 6), of so
/// many different ones at a time.
inline constexpr std::chrono::seconds kFoldWindow{60};
inline constexpr std::size_t kFoldKeysMax = 10'000;
/// A check of the log within one request (contract 6); beyond it 202 and a place to ask at.
inline constexpr std::chrono::milliseconds kIntegrityWait{30'000};
/// Checks at one time, the periodic one included: each reads a file as fast as it can be hashed.
inline constexpr unsigned kIntegrityChecksMax = 2;
/// Results that are kept to be fetched, and how long; how long a check goes on that nobody asks
/// about: whoever polls does it every few seconds.
inline constexpr std::size_t kIntegrityResultsMax = 16;
inline constexpr std::chrono::minutes kIntegrityKept{15};
inline constexpr std::chrono::minutes kIntegrityForgotten{2};
/// Entries and breaks that one answer lists; it counts all of them.
inline constexpr std::size_t kIntegrityListMax = 1'000;
/// Periodic checks: usual interval; how soon the first one begins, so that a service which is
/// started every day is checked too; how much is read a second, an eighth of what one core hashes;
/// and the niceness of every check, so that recording goes first.
inline constexpr std::chrono::hours kIntegrityInterval{24};
inline constexpr std::chrono::seconds kIntegrityFirst{60};
inline constexpr std::uint64_t kIntegrityBytesPerSecond = 64 * kMiB;
inline constexpr int kIntegrityNice = 10;

/// Events of one request after they were converted from another system's form: twice a body. Of
/// OTLP, what records share is repeated in each of them, which a small body could use to fill the
/// memory.
inline constexpr std::size_t kConvertedBytesMax = 2 * kApiBodyBytesMax;
/// Values of an OTLP request outside of its log records: the records, and some for each of a few
/// thousand resources.
inline constexpr std::size_t kOtlpValuesMax = 4 * kIngestEventsMax;

// Keys, tokens and sessions
// --------------------------------------------------------------------------------------
/// A key set (JWKS): issuers have a handful of keys of 1 KiB; and how many of them are tried on a
/// token that does not say which one signed it.
inline constexpr std::size_t kKeySetBytesMax = 256 * kKiB;
inline constexpr std::size_t kKeySetKeysMax = 128;
inline constexpr std::size_t kKeysTriedMax = 4;
/// Id of a key, as RFC 7517 leaves it to the issuer.
inline constexpr std::size_t kKeyIdBytesMax = 256;
/// Time to fetch a key set, all in all: nobody waits for it, but a thread does.
inline constexpr std::chrono::milliseconds kKeySetFetchTime{10'000};
/// How often a file of keys is read again to see whether it changed.
inline constexpr std::chrono::milliseconds kKeySetFilePoll{2'000};
/// Values of one claim that are compared with those that give a role.
inline constexpr std::size_t kRoleValuesMax = 256;
/// Browser sessions of one `serve`, and those of one holder, whose oldest goes for a new one: a
/// person has a few browsers.
inline constexpr std::size_t kSessionsMax = 4'096;
inline constexpr std::size_t kSessionsPerHolderMax = 16;
/// Tokens of an issuer from one address whose signature was checked in vain, in one second; then it
/// is told to wait before another one is looked at. Each costs up to kKeysTriedMax checks of half a
/// millisecond: 2 % of a core.
inline constexpr std::uint64_t kWrongChecksMax = 10;
inline constexpr std::chrono::seconds kWrongCheckWindow{1};
/// Turns of an address that used up its checks. Apart, not all at the begin of a window: who comes
/// at another time than the flood's peak shall find one.
inline constexpr std::chrono::milliseconds kLateCheckPause =
    std::chrono::milliseconds(kWrongCheckWindow) / 4;
/// Tokens of an issuer that were checked and are not checked again: those that are believed, 1 KiB
/// each, and those that are not, by their digest alone.
inline constexpr std::size_t kCheckedTokensMax = 4'096;
inline constexpr std::size_t kWrongTokensMax = 1'024;
/// What an issuer says of itself (OpenID Connect Discovery): a few KiB of JSON.
inline constexpr std::size_t kDiscoveryBytesMax = 64 * kKiB;
/// A file that holds one client secret: issuers make them of some 40 characters.
inline constexpr std::size_t kSecretFileBytesMax = 4 * kKiB;
/// A list of revoked certificates: 40 bytes for each of some 400,000.
inline constexpr std::size_t kRevokedListBytesMax = 16 * kMiB;

// Command line
// --------------------------------------------------------------------------------------
/// Read at once by `append`, and the longest line it looks at: a block costs about what a commit
/// does.
inline constexpr std::size_t kInputBlockBytes = 1 * kMiB;
/// Batches that `append` has on their way: one is committed, one waits, the others fill gaps.
/// Bounds memory.
inline constexpr std::size_t kBatchesInFlight = 4;
/// Lines that a thread of `append` checks in one go: long enough that handing them over costs
/// nothing, short enough that all threads have some.
inline constexpr std::size_t kLineChunkBytes = 128 * kKiB;
/// Chunks on their way for each thread: work for as long as the others wait for a commit.
inline constexpr std::size_t kLineChunksAhead = 16;
inline constexpr std::size_t kLineChunkLines = 512;
/// Threads of `append` that check lines besides the one that reads: more than these are faster than
/// one writer can hash.
inline constexpr unsigned kLineHelpersMax = 3;
/// Refused lines that `append` explains; a file that is no NDJSON would fill the terminal.
inline constexpr std::uint64_t kRefusedShown = 20;
/// How often `tail -f` looks for new entries.
inline constexpr std::chrono::milliseconds kFollowInterval{200};
/// Rows of a table on a terminal when nobody said how many.
inline constexpr std::uint64_t kTerminalRows = 100;
/// Outcomes that a reader remembers while it looks for requests that never got one, and entries
/// that it looks through for the start of the process that wrote such a request. Beyond that
/// nothing is said about them: reading must not take memory or time without end.
inline constexpr std::size_t kOutcomesRemembered = 1'000'000;
inline constexpr std::uint64_t kInstanceLookup = 1'000'000;
/// How long a server may look for the entries of a time, which includes its own check of them.
inline constexpr std::chrono::minutes kSpanPatience{60};
/// Instances whose end it remembers: a process each, so far more than anybody starts.
inline constexpr std::size_t kInstancesMax = 100'000;
/// Digest of the server's program that is not ready when the session ends: it is waited for this
/// long, which hashes some 500 MB.
inline constexpr std::chrono::milliseconds kProgramDigestWait{500};
/// `doctor`: commits of a file that are timed, and for how long at most.
inline constexpr std::size_t kDoctorSyncs = 32;
inline constexpr std::chrono::milliseconds kDoctorSyncTime{2'000};
/// Free space below which it warns, and below which it fails: a segment that is rolled and the
/// files of the tree still fit.
inline constexpr std::uint64_t kDoctorFreeLow = 2 * 1024 * kMiB;
inline constexpr std::uint64_t kDoctorFreeLeast = 128 * kMiB;

}  // namespace tally
