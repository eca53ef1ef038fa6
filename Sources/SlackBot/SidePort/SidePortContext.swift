import Hummingbird

/// What is known of a request before its handler runs.
struct SidePortContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Set by ``CallerMiddleware``.
    var caller = Caller.anonymous()
    /// The parameters that the route knows; empty when it does not read the query.
    var query = QueryParameters()

    init(source: Source) { coreContext = .init(source: source) }

    /// A parameter of the path, percent-decoded; empty when there is none.
    func part(_ name: String) -> String {
        parameters.get(name).map { $0.removingPercentEncoding ?? $0 } ?? ""
    }
}
