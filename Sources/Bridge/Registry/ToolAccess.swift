/// What a principal may use in a place, by one policy and one catalogue. The only answer to this question: prompts,
/// help, lists over HTTP and `omni validate-policy` read it. Each call is judged again, with its arguments
/// (``Policy/verdict(for:in:on:arguments:)``).
package struct ToolAccess: Sendable {
    /// A tool with its verdict.
    package typealias Entry = (tool: ToolDefinition, verdict: Verdict)

    /// All tools of the catalogue, sorted by name.
    package let entries: [Entry]

    package init(of principal: Principal, in place: Place, _ policy: Policy, _ catalogue: Catalogue) {
        entries = catalogue.tools.map { ($0, policy.verdict(for: principal, in: place, on: $0)) }
    }

    /// The tools that may be called, sorted by name.
    package var allowed: [ToolDefinition] { entries.filter(\.verdict.isAllowed).map(\.tool) }

    /// The tools of that server that may be called, sorted by name.
    package func allowed(on server: String) -> [ToolDefinition] { allowed.filter { $0.name.server == server } }
}
