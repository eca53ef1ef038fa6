import Analytics
import Bridge
import Foundation
import Logging

/// Reads what people wrote in a thread before a question was asked in it, for threads that began without Omni. The
/// history of a thread that a question began is in the store.
struct ThreadReader: Sendable {
    let api: SlackAPI
    let directory: SlackDirectory
    let store: Store
    let logger: Logger
    /// The limits of reading the messages, and of looking up who wrote them.
    var timeout = Duration.seconds(8)
    var namesTimeout = Duration.seconds(4)

    /// `conversations.replies` returns the oldest first, so that the newest are on the last page.
    private static let page = 1_000
    private static let mostPages = 10
    private static let mostNames = 60
    /// The subtypes of messages that people and programs write; the others are notices of Slack.
    private static let written: Set<String> = ["bot_message", "file_share", "thread_broadcast", "me_message"]

    /// A file of a message of a thread, and when the message was sent.
    struct PostedFile: Sendable {
        let file: SlackFile
        let sentAt: Date
    }

    /// What people wrote, and the files that they posted, the newest first; without those of Omni's answers, which may
    /// have results of tools that the asker may not use. nil when the question is not in a thread of a channel, or
    /// began one, or a question began its thread. Without the message that the question is about, which it quotes.
    func transcript(
        before question: SlackQuestion
    ) async -> (transcript: ThreadTranscript, files: [PostedFile])? {
        guard question.kind != .direct, question.kind != .command, let root = question.threadTS, root != question.ts
        else { return nil }
        let prefix = "\(question.team):\(question.channel):"
        if (try? await store.isKnown(originKey: prefix + root)) == true { return nil }
        let (found, isComplete) = await messages(in: question.channel, thread: root, before: question.ts)
        let keys = found.compactMap { $0["ts"]?.string }.map { prefix + $0 }
        let asked = (try? await store.knownOriginKeys(among: keys)) ?? []
        let others = found.filter { message in
            guard let ts = message["ts"]?.string, ts != question.about, !asked.contains(prefix + ts) else {
                return false
            }
            // Omni's answers are in the history of their questions.
            guard MessageKey(of: message) == nil else { return false }
            return message["subtype"]?.string.map { Self.written.contains($0) } ?? true
        }
        let names = await names(in: others, team: question.team)
        let quotes = others.map { quote($0, names) }
        let files = zip(others, quotes).reversed().flatMap { message, quote in
            (FilePost.isOwn(message) ? [] : Self.files(of: message, quote)).map {
                PostedFile(file: $0, sentAt: quote.sentAt ?? .distantPast)
            }
        }
        let transcript = ThreadTranscript(messages: quotes, isComplete: isComplete)
        return (transcript, Array(files.prefix(SlackFile.mostKept)))
    }

    /// A message as a quote, its files, and the root of its thread; nil when there is none. Throws ``SlackError``, as
    /// when the bot is not in the conversation.
    func message(
        _ ts: String, in channel: String, team: String
    ) async throws -> (quote: QuotedMessage, files: [SlackFile], root: String)? {
        // Finds a reply too: its own ts is enough (docs.slack.dev, conversations.replies). The root comes first.
        let page = try await api.replies(in: channel, thread: ts, oldest: ts, latest: ts, inclusive: true, limit: 2)
        guard let found = page.items.first(where: { $0["ts"]?.string == ts }) else { return nil }
        let quote = quote(found, await names(in: [found], team: team))
        return (quote, Self.files(of: found, quote), found["thread_ts"]?.string ?? ts)
    }

    private static func files(of message: JSONValue, _ quote: QuotedMessage) -> [SlackFile] {
        SlackFile.all(in: message, by: quote.account ?? quote.author)
    }

    /// The thread's messages before `ts` (nil: all), oldest first, each once; not complete when they could not all be
    /// read in time.
    private func messages(
        in channel: String, thread root: String, before ts: String?
    ) async -> (messages: [JSONValue], isComplete: Bool) {
        let result = await withDeadline(timeout) { () async -> ([JSONValue], Bool) in
            var found: [JSONValue] = []
            var cursor: String?
            do {
                for _ in 0..<Self.mostPages {
                    let page = try await api.replies(
                        in: channel, thread: root, latest: ts, limit: Self.page, cursor: cursor)
                    found += page.items
                    cursor = page.next(after: cursor)
                    if cursor == nil { return (found, true) }
                }
            } catch {
                logger.warning("A thread could not be read.", metadata: ["error": "\(error)"])
            }
            return (found, false)
        }
        var seen: Set<String> = ts.map { [$0] } ?? []
        let once = result.value.0.filter { message in
            guard let ts = message["ts"]?.string else { return false }
            return seen.insert(ts).inserted
        }
        return (once, result.value.1)
    }

    /// A user's name and what tells the user apart from others of that name.
    private struct Author: Sendable {
        let name: String
        let account: String
    }

    /// The users who wrote the messages or are named in them, by id; those that could be looked up in time.
    private func names(in messages: [JSONValue], team: String) async -> [String: Author] {
        var ids: [String] = []
        for message in messages {
            let mentioned = SlackText.mentions(in: message["text"]?.string ?? "").filter { $0.hasPrefix("@") }
            let all = [message["user"]?.string].compactMap { $0 } + mentioned.map { String($0.dropFirst()) }
            for id in all where !ids.contains(id) { ids.append(id) }
        }
        let wanted = ids.prefix(Self.mostNames)
        let result = await withDeadline(namesTimeout) { () async -> [String: Author] in
            var names: [String: Author] = [:]
            for id in wanted {
                guard !Task.isCancelled else { break }
                guard let user = try? await directory.user(id, team: team) else { continue }
                names[id] = Author(name: user.name, account: user.email ?? id)
            }
            return names
        }
        return result.value
    }

    private func quote(_ message: JSONValue, _ names: [String: Author]) -> QuotedMessage {
        var text = SlackMessageText.full(message)
        // Longer ids first: one may begin another.
        for (id, author) in names.sorted(by: { $0.key.count > $1.key.count }) {
            text = text.replacing("@\(id)", with: "@\(author.name)")
        }
        let user = message["user"]?.string
        let known = user.flatMap { names[$0] }
        let program = message["bot_profile"]?["name"]?.string ?? message["username"]?.string
        return QuotedMessage(
            author: known?.name ?? program ?? user ?? "unknown",
            account: known?.account ?? message["bot_id"]?.string ?? user, text: text,
            sentAt: message["ts"]?.string.flatMap(Double.init).map { Date(timeIntervalSince1970: $0) })
    }
}
