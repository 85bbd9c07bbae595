"""The shop with Flask."""

import threading

import shop
from flask import Flask, jsonify, render_template_string, request

app = Flask(__name__)
database = threading.Lock()  # one connection serves all threads
PAGE = "<ul>{% for item in items %}<li>{{ item.name }}: {{ item.price }}</li>{% endfor %}</ul>"


@app.get("/")
def page():
    with database:
        items = shop.some_items(first=20)
    return render_template_string(PAGE, items=items)


@app.get("/items/<int:first>")
def items(first):
    with database:
        return jsonify(shop.some_items(first))


@app.post("/order")
def order():
    return jsonify(shop.summary(request.get_data()))


@app.post("/upload")
def upload():
    shop.begin_upload(request.get_data(as_text=True))
    return jsonify({})
