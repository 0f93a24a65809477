"""A LangGraph graph as the brain, with a tool of its own that returns a secret.

    OFFMIC_LLM=langgraph/examples.langgraph_brain:graph python main.py dev

The graph's tools run inside the graph, where no guard reads what they return to its model: values
belong in a `Secret` there.
"""

from langchain_core.messages import AIMessage
from langgraph.graph import END, START, MessagesState, StateGraph

from offmic.secrets import Kind, Secret


def gate_code() -> Secret:
    """Look up today's code of the car park."""
    return Secret("9047", label="gate code", kind=Kind.CODE)


def wants_the_gate(state: MessagesState) -> str:
    """Choose the next node; a model of yours would stand here."""
    return "gate" if "gate" in state["messages"][-1].text.lower() else "talk"


def open_the_gate(state: MessagesState) -> dict[str, list[AIMessage]]:  # noqa: ARG001
    """Answer with the handle of the code."""
    return {"messages": [AIMessage(f"The gate code is {gate_code()}. Drive in slowly.")]}


def talk(state: MessagesState) -> dict[str, list[AIMessage]]:  # noqa: ARG001
    """Answer everything else."""
    return {"messages": [AIMessage("I look after the car park. Do you need the gate?")]}


def build() -> StateGraph[MessagesState]:
    """Put the nodes together."""
    builder = StateGraph(MessagesState)
    builder.add_node("gate", open_the_gate)
    builder.add_node("talk", talk)
    builder.add_conditional_edges(START, wants_the_gate)
    builder.add_edge("gate", END)
    builder.add_edge("talk", END)
    return builder


graph = build().compile()
