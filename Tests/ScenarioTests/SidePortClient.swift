import Analytics
import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

/// A client of a running bot's side port that sends the administrator's token.
struct SidePortClient: Sendable {
    static let token = "admin-token-of-the-test"

    /// A response of the side port.
    struct Answer: Sendable {
        let status: Int
        let body: JSONValue
        /// The path of the next page, from the `Link` header; nil on the last page.
        let next: String?
        /// The `Location` header.
        let location: String?
    }

    private let http: HTTPClient
    let base: String

    /// - Parameter http: a client that outlives the bot, for a caller that still waits when the bot stops.
    init(_ bot: InProcessBot, over http: HTTPClient? = nil) throws {
        self.http = http ?? bot.omni.app.http
        base = "http://127.0.0.1:\(try #require(bot.omni.sidePort.bound.withLockedValue { $0 }))"
    }

    func get(_ path: String, token: String? = Self.token) async throws -> Answer {
        try await send("GET", path, nil, token, [])
    }

    func post(
        _ path: String, _ body: String, token: String? = Self.token, headers: [(name: String, value: String)] = []
    ) async throws -> Answer {
        try await send("POST", path, body, token, headers)
    }

    /// The items of all pages, read by following the links.
    func pages(_ path: String) async throws -> [[JSONValue]] {
        var (pages, next): ([[JSONValue]], String?) = ([], path)
        while let path = next, pages.count < 20 {
            let answer = try await get(path)
            #expect(answer.status == 200)
            pages.append(answer.body.array ?? [])
            next = answer.next
        }
        return pages
    }

    private func send(
        _ method: String, _ path: String, _ body: String?, _ token: String?, _ more: [(name: String, value: String)]
    ) async throws -> Answer {
        var headers = more
        if let token { headers.append((name: "Authorization", value: "Bearer \(token)")) }
        if body != nil { headers.append((name: "Content-Type", value: "application/json")) }
        let response = try await http.send(
            HTTPClient.Request(method, base + path, headers: headers, body: body.map { Array($0.utf8) }))
        let bytes = try await response.collect(upTo: 1 << 22)
        let next = response.headers["Link"]?.firstMatch(of: #/<([^>]*)>; rel="next"/#)
        return Answer(
            status: response.status, body: (try? JSONValue(parsing: bytes)) ?? .null,
            next: next.map { String($0.output.1) }, location: response.headers["Location"])
    }
}
