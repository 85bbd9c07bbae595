"""Dominators, retained sizes, components, shortest paths and breaking edges are what networkx says:
on random graphs of many densities, and on the graph of an interpreter's own objects.
"""

import dataclasses
import random
import subprocess
import warnings

import pytest

from looks import STETH, TARGETS

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import networkx

RUN = STETH.parent / "tests" / "unit" / "run_graph"
GRAPHS = 600
EDGES_TRIED = 400  # one by one, of components of at most that many edges

pytestmark = pytest.mark.skipif(not RUN.exists(), reason=f"{RUN} is not built (meson option tests)")


@dataclasses.dataclass
class Question:
    sizes: list
    rows: list
    roots: list  # of (node, rank)
    targets: list
    finalizers: list
    ends: int

    def text(self):
        counts = (len(self.rows), len(self.roots), len(self.targets), len(self.finalizers))
        lines = [(*counts, self.ends)]
        lines += [(size, len(row), *row) for size, row in zip(self.sizes, self.rows)]
        lines += [*self.roots, self.targets, self.finalizers]
        return "".join(" ".join(map(str, line)) + "\n" for line in lines)

    def graph(self):
        graph = networkx.DiGraph()
        graph.add_nodes_from(range(len(self.rows)))
        graph.add_edges_from((node, to) for node, row in enumerate(self.rows) for to in row)
        return graph


def parse(text):
    numbers = map(int, text.split())
    nodes, roots, targets, finalizers, ends = (next(numbers) for _ in range(5))
    sizes, rows = [], []
    for _ in range(nodes):
        sizes.append(next(numbers))
        rows.append([next(numbers) for _ in range(next(numbers))])
    return Question(
        sizes,
        rows,
        [(next(numbers), next(numbers)) for _ in range(roots)],
        [next(numbers) for _ in range(targets)],
        [next(numbers) for _ in range(finalizers)],
        ends,
    )


def ask(text):
    """One dictionary a graph: the words of each line, by its first."""
    done = subprocess.run([RUN], input=text, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    lines = [line.split(" ") for line in done.stdout.splitlines()]
    return [{line[0]: line[1:] for line in lines[at : at + 5]} for at in range(0, len(lines), 5)]


def tree_sums(parent, sizes, top):
    tree = networkx.DiGraph()
    tree.add_node(top)
    tree.add_edges_from((up, node) for node, up in parent.items())
    sums = dict(enumerate(sizes))
    for node in networkx.dfs_postorder_nodes(tree, top):
        if node != top:
            sums[node] = sizes[node] + sum(sums[child] for child in tree[node])
    return [sums[node] for node in range(len(sizes))]


def check_dominators(question, graph, answer):
    top = len(question.rows)
    rooted = graph.copy()
    rooted.add_node(top)
    rooted.add_edges_from((top, root) for root, _ in question.roots)
    parent = dict(networkx.immediate_dominators(rooted, top))
    parent.pop(top, None)
    assert [int(word) for word in answer["dominators"]] == [
        parent.get(node, -1) for node in range(top)
    ]
    assert [int(word) for word in answer["retained"]] == tree_sums(parent, question.sizes, top)
    return {"dominators": len(parent), "retained sizes": top}


def check_components(graph, answer):
    """Returns the nodes of each component by its number."""
    found = {}
    for node, word in enumerate(answer["components"]):
        if word != "-1":
            found.setdefault(int(word), set()).add(node)
    expected = [
        nodes
        for nodes in networkx.strongly_connected_components(graph)
        if len(nodes) > 1 or graph.has_edge(*(2 * tuple(nodes)))
    ]
    assert sorted(map(sorted, found.values())) == sorted(map(sorted, expected))
    return found


def check_paths(question, graph, answer):
    open_graph = graph.copy()
    open_graph.remove_edges_from(list(graph.out_edges(question.targets)))
    rank = {}
    for root, its_rank in question.roots:
        rank[root] = min(its_rank, rank.get(root, its_rank))
    top = len(question.rows)
    # What a root's rank adds never outweighs an edge.
    open_graph.add_weighted_edges_from((top, root, 1 + rank[root] / 100) for root in rank)
    cost = networkx.single_source_dijkstra_path_length(open_graph, top) if rank else {}
    ends = {target: [] for target in question.targets}
    for word in answer["paths"]:
        path = [int(node) for node in word.split(",")]
        assert all(open_graph.has_edge(*pair) for pair in zip(path[1:], path))
        ends[path[0]].append((len(path) + rank[path[-1]] / 100, path[1:2]))
    for target, found in ends.items():
        own = [1 + rank[target] / 100] if target in rank else []
        holders = {one for one in open_graph.predecessors(target) if one != top and one in cost}
        best = sorted(own + [cost[holder] + 1 for holder in holders])
        assert [one for one, _ in found] == pytest.approx(best[: question.ends])
        assert len({tuple(holder) for _, holder in found}) == len(found)
    return sum(map(len, ends.values()))


def breaks(graph, edge, node=None):
    """Whether no cycle (through the node) is left without the edge."""
    graph.remove_edge(*edge)
    if node is None:
        broken = networkx.is_directed_acyclic_graph(graph)
    else:
        reached = networkx.descendants(graph, node)
        broken = not any(one in reached or one == node for one in graph.predecessors(node))
    graph.add_edge(*edge)
    return broken


def check_weak_edges(question, graph, components, answer):
    tried = 0
    for word in answer["weak"]:
        number, _, words = word.partition(":")
        nodes = components[int(number)]
        inside = graph.subgraph(nodes).copy()
        words = [one for one in words.split(",") if one]
        targets = {int(one[1:]) for one in words if one[0] == ">"}
        edges = [tuple(map(int, one.split("-"))) for one in words if one[0] != ">"]
        few = inside.number_of_edges() <= EDGES_TRIED
        whole = {edge for edge in edges if len(edge) == 2}
        for edge in list(inside.edges) if few else whole:
            assert breaks(inside, edge) == (edge in whole)
            tried += 1
        for node in () if whole else [one for one in question.finalizers[:15] if one in nodes]:
            of_node = {edge[:2] for edge in edges if edge[2] == node}
            for edge in list(inside.edges) if few else of_node:
                assert breaks(inside, edge, node) == (edge in of_node)
                tried += 1
        for node in targets:
            left = networkx.restricted_view(inside, [], list(inside.in_edges(node)))
            assert networkx.is_directed_acyclic_graph(left)
    return tried


def check(question, answer):
    graph = question.graph()
    compared = {"nodes": len(graph), "edges": sum(map(len, question.rows))}
    compared.update(check_dominators(question, graph, answer))
    components = check_components(graph, answer)
    compared["components"] = len(components)
    compared["paths"] = check_paths(question, graph, answer)
    compared["edges removed"] = check_weak_edges(question, graph, components, answer)
    return compared


def random_question(choose):
    nodes = choose.choice((1, 2, 5, 10, 20, 50, 200))
    rows = [[] for _ in range(nodes)]
    near = choose.random() < 0.5
    for _ in range(int(nodes * choose.choice((0.5, 1, 1.2, 1.5, 2, 4)))):
        node = choose.randrange(nodes)
        to = node + choose.randint(-2, 3) if near else choose.randrange(nodes)
        rows[node].append(to % nodes)
    some = lambda most: [choose.randrange(nodes) for _ in range(choose.randrange(most))]
    return Question(
        [choose.randrange(100) for _ in rows],
        rows,
        [(root, choose.randrange(3)) for root in some(4)],
        list(dict.fromkeys(some(4))),
        list(dict.fromkeys(some(4))),
        choose.randint(1, 4),
    )


def test_random_graphs(record_property):
    choose = random.Random(5)
    questions = [random_question(choose) for _ in range(GRAPHS)]
    answers = ask("".join(question.text() for question in questions))
    assert len(answers) == GRAPHS
    total = {"graphs": GRAPHS}
    for question, answer in zip(questions, answers):
        for name, count in check(question, answer).items():
            total[name] = total.get(name, 0) + count
    record_property("compared", f"random graphs and networkx: {describe(total)}")
    assert total["dominators"] > 10 * GRAPHS and total["paths"] > GRAPHS / 2


def test_a_large_graph(record_property):
    """Large enough for two threads: half leaves, shared ones, cycles."""
    choose = random.Random(7)
    inner = 12_000
    rows = [[] for _ in range(2 * inner)]
    for node in range(1, len(rows)):
        rows[choose.randrange(max(0, node // 2 - 200), min(inner, node // 2 + 1))].append(node)
    for node in range(inner):
        rows[node] += [choose.randrange(20), choose.randrange(len(rows) - 100, len(rows))]
        rows[node] += [choose.randrange(inner, inner + node + 1) for _ in range(38)]
    for _ in range(inner // 4):
        rows[choose.randrange(inner)].append(choose.randrange(len(rows)))
    question = Question([1] * len(rows), rows, [(0, 0), (40, 0)], [], [], 1)
    (answer,) = ask(question.text())
    graph = question.graph()
    compared = {"edges": sum(map(len, rows)), **check_dominators(question, graph, answer)}
    compared["components"] = len(check_components(graph, answer))
    record_property("compared", f"a large graph and networkx: {describe(compared)}")
    assert compared["edges"] > 500_000 and compared["dominators"] == len(rows)


@pytest.mark.some
def test_real_heaps(interpreter, record_property):
    done = interpreter.run(TARGETS / "heap_graph.py", timeout=300)
    assert done.returncode == 0, done.stderr
    (answer,) = ask(done.stdout)
    total = check(parse(done.stdout), answer)
    record_property("compared", f"heap of {interpreter.name} and networkx: {describe(total)}")
    assert total["dominators"] > 10_000 and total["components"] > 1 and total["paths"] > 20


def describe(counts):
    return ", ".join(f"{count} {name}" for name, count in counts.items())
