import Analytics
import Bridge
import Foundation
import Logging

/// Posts one claimed digest and attaches its chart.
///
/// After an attempt whose result is unknown, the channel is searched for the message, and the thread for the chart's
/// file, before they are sent again.
struct DigestDelivery: Sendable {
    let api: SlackAPI
    let store: Store
    let key: DigestKey
    let claim: DigestClaim
    /// When another process may take the claim over, less the time that a request may take: nothing is sent after it.
    /// This clock also runs while the process is stopped.
    let deadline: ContinuousClock.Instant
    let logger: Logger

    /// Posts the message unless it is there, attaches the chart and stores both. A chart that Slack refuses is only
    /// logged.
    ///
    /// Throws ``SlackError``, ``StoreError``, and `CancellationError` at the deadline; a later attempt goes on then.
    ///
    /// - Parameter channel: an id.
    func deliver(_ message: SlackMessage, chart: DigestChart?, to channel: String) async throws {
        let address = try await posted(message, in: channel)
        let stored = DigestMessageAddress(channel: address.channel, ts: address.ts)
        guard try await store.digestPosted(claim, at: stored) else { throw CancellationError() }
        if let chart { try await attachOnce(chart, to: address) }
        guard try await store.digestSent(claim) else { throw CancellationError() }
    }

    private func posted(_ message: SlackMessage, in channel: String) async throws -> MessageAddress {
        if let known = claim.message { return MessageAddress(channel: known.channel, ts: known.ts) }
        if claim.attempt > 1 {
            for place in Set([claim.earlierChannel ?? channel, channel]) {
                if let found = try await find(in: place, isCurrent: place == channel) { return found }
            }
        }
        return try await api.post(
            message, in: channel, thread: nil, metadata: key.metadata, isWanted: { ContinuousClock.now < deadline })
    }

    /// The digest's message in a channel; nil when there is none, and for a former channel that the bot has left or
    /// could not post in.
    private func find(in channel: String, isCurrent: Bool) async throws -> MessageAddress? {
        // A minute earlier, because the clocks of Slack and of the store may differ.
        let oldest = String(format: "%.6f", key.due.timeIntervalSince1970 - 60)
        var cursor: String?
        do {
            repeat {
                let page = try await api.history(of: channel, oldest: oldest, cursor: cursor)
                let found = page.items.first { key.isKey(of: $0) }
                if let ts = found?["ts"]?.string { return MessageAddress(channel: channel, ts: ts) }
                cursor = page.next(after: cursor)
            } while cursor != nil
        } catch let error as SlackError where !isCurrent && SlackError.unreadable.contains(error.code) {}
        return nil
    }

    private func attachOnce(_ chart: DigestChart, to address: MessageAddress) async throws {
        do {
            if claim.attempt > 1, try await isAttached(to: address) { return }
            try await attach(chart, to: address)
        } catch let error as SlackError {
            logger.warning(
                "The chart of a digest could not be attached.",
                metadata: ["due": "\(claim.due)", "error": "\(error)"])
        }
    }

    private func isAttached(to address: MessageAddress) async throws -> Bool {
        var cursor: String?
        repeat {
            let page = try await api.replies(in: address.channel, thread: address.ts, cursor: cursor)
            if page.items.contains(where: { key.isChart(in: $0) }) { return true }
            cursor = page.next(after: cursor)
        } while cursor != nil
        return false
    }

    /// Uploads the chart into the thread of the message.
    private func attach(_ chart: DigestChart, to address: MessageAddress) async throws {
        let upload = try await api.uploadAddress(
            ofFile: key.fileName, length: chart.png.count, altText: chart.altText)
        try await api.upload(chart.png, to: upload)
        try await api.share(
            upload, title: chart.title, in: address.channel, thread: address.ts,
            isWanted: { ContinuousClock.now < deadline })
    }
}

extension SlackError {
    /// The codes for a channel that the bot cannot read.
    fileprivate static let unreadable: Set<String> = ["not_in_channel", "channel_not_found"]
}
