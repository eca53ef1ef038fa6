import Analytics
import Bridge
import Foundation
import Logging

/// Collects what the App Home shows to a user. What cannot be read is left out, so that the rest is shown.
struct HomeReader: Sendable {
    /// The number of questions in the list.
    static let questions = 10

    let resolver: PrincipalResolver
    let live: LiveSettings
    let registry: ToolRegistry
    let store: Store
    /// What was found when the configuration files were last read.
    let problems: @Sendable () -> [ConfigProblem]
    let logger: Logger

    func contents(for visitor: HomeVisitor) async -> HomeContents {
        switch await resolver.principal(slackUser: visitor.user, team: visitor.team) {
        case .refused(let reason): return .refused(reason)
        case .known(let principal): return .page(await page(of: principal, visitor, at: Date()))
        }
    }

    private func page(of principal: Principal, _ visitor: HomeVisitor, at now: Date) async -> HomePage {
        let snapshot = live.snapshot
        let role = snapshot.policy.role(of: principal)
        let isAdmin = snapshot.policy.isAdmin(principal)
        return HomePage(
            role: role.displayName, roleDescription: role.description, turns: snapshot.model.maxIterations,
            deadline: snapshot.limits.deadline,
            today: await read("use") { try await ReportTotals.today(of: principal.email, at: now, in: store) },
            questions: await read("questions") {
                try await PastQuestion.newest(
                    Self.questions, of: principal, slackUser: visitor.user, in: store, resolver.installation)
            },
            servers: servers(for: principal, in: visitor.place, snapshot.policy, tellsProblems: isAdmin),
            administration: isAdmin ? await administration(at: now) : nil, at: now)
    }

    private func administration(at now: Date) async -> HomePage.Administration {
        let problems = problems().inReadingOrder()
        return HomePage.Administration(
            figures: await read("figures") { try await HomeFigures.read(at: now, in: store) },
            problems: problems.filter { $0.severity == .error } + problems.filter { $0.severity == .warning })
    }

    /// nil when the store cannot be read.
    private func read<Value>(_ what: String, _ body: () async throws -> Value) async -> Value? {
        guard !store.isAway else { return nil }
        do {
            return try await body()
        } catch {
            logger.warning("A part of a Home cannot be read.", metadata: ["part": "\(what)", "error": "\(error)"])
            return nil
        }
    }

    /// The servers with a tool that the user may call, and those whose tools are not known now and which the rules
    /// leave open.
    private func servers(
        for principal: Principal, in place: Place, _ policy: Policy, tellsProblems: Bool
    ) -> [HomePage.Server] {
        let catalogue = registry.catalogue
        let allowed = ToolAccess(of: principal, in: place, policy, catalogue).allowed
        let tools = Dictionary(allowed.map { ($0.name.server, 1) }, uniquingKeysWith: +)
        return catalogue.servers.compactMap { server in
            let isUnknown = [.starting, .unhealthy].contains(server.state)
            let mayBeUsed = isUnknown && policy.mayUse(server: server.name, principal, in: place)
            guard server.name != Policy.askBackServer, tools[server.name] != nil || mayBeUsed else { return nil }
            return HomePage.Server(
                name: server.displayName, state: server.state, tools: tools[server.name] ?? 0,
                problem: tellsProblems ? server.problem : nil)
        }
    }
}
